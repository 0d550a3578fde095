"""The pages of the auditor's desk."""
