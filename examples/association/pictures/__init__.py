"""
The site's pictures, drawn by code: nobody else's work, and small.

``python -m examples.association.pictures`` draws them again, byte for byte the same.
"""
