"""Does a running site keep its word? Looked at from outside, in a real browser."""
