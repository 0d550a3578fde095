"""What an auditor sees, without a web server: who gets in, figures, search, samples."""
