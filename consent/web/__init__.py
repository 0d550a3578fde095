"""The Flask face: extension, visitors' pages and decisions, the auditor's desk, the report."""
