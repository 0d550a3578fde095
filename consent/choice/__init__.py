"""What one visitor decided, the two signed cookies that carry it, and what browsers signal."""
