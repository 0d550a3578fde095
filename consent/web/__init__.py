"""The Flask face: extension, the visitor's pages, the POST that decides."""
