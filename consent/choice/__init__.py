"""What one visitor decided, and the two signed cookies that carry it."""
