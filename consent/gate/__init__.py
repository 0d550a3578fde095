"""What a choice opens: markup in templates and stored HTML, headers, cookies, other storage."""
