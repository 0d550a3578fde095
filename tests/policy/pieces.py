"""Pieces of a policy file: a site, a service of its own, an essential item."""

from __future__ import annotations

BASE = """
site = "verein.example"
controller = { name = "Verein", email = "datenschutz@verein.example" }
links = { privacy = "/datenschutz", imprint = "/impressum" }
"""

OWN = """
[services.karte]
name = "Karte"
provider = "Karten Inc."
purpose = "media"
hosts = ["karten.example"]
items = []
"""

ITEM = '[[essential]]\nname = "a"\nduration = "1 day"\ncontent = "x"\n'
