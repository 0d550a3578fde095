"""Where the log is kept: its tables in SQLite or PostgreSQL, and durable transactions on them."""
