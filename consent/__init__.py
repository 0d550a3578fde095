"""
Cookie consent for Flask: ask, remember, gate, prove.

What a site may import is here, and nothing else is public.
"""
