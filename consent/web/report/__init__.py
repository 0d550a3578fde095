"""What ``flask consent check`` looks at and prints; what styles a browser sees: consent.check."""
