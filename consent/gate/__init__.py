"""What a choice opens: markup in templates and in stored HTML."""
