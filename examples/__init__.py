"""Sites that show what the package does; not part of the distribution."""
