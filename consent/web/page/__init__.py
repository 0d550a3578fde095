"""What is written into a page: its head, the banner, the link, and each gate."""
