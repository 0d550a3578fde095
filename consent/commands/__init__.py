"""The commands below ``flask consent`` that are more than a few lines, one module each."""
