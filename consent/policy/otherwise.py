"""
What names are called elsewhere: in German, or by those who know a service by another one.

For hints alone: none of these may stand in a policy file.
"""

from __future__ import annotations

#: Keys of all tables, in German or of other programs; of several the table decides which is meant.
KEYS = {
    "anbieter": ("provider",),
    "anrede": ("tone",),
    "anschrift": ("address",),
    "adresse": ("address",),
    "art": ("kind",),
    "aufbewahrung": ("retention",),
    "beschreibung": ("description",),
    "betreiber": ("controller", "provider"),
    "bezeichnung": ("name",),
    "category": ("purpose",),
    "cookies": ("items", "essential"),
    "datenschutz": ("privacy",),
    "datenschutzerklärung": ("privacy",),
    "datenschutzbeauftragter": ("dpo",),
    "dauer": ("duration", "lifetime"),
    "dienst": ("services",),
    "dienste": ("services",),
    "eltern": ("parents",),
    "impressum": ("imprint",),
    "inhalt": ("content",),
    "kategorie": ("purpose",),
    "land": ("country",),
    "laufzeit": ("duration", "lifetime"),
    "notwendig": ("essential",),
    "ohne": ("without",),
    "position": ("placement",),
    "speicherdauer": ("duration", "retention"),
    "sprache": ("languages",),
    "sprachen": ("languages",),
    "texte": ("texts",),
    "titel": ("title",),
    "url": ("host",),
    "verantwortlich": ("controller",),
    "verantwortlicher": ("controller",),
    "zielgruppe": ("audience",),
    "zweck": ("purpose",),
    "zwecke": ("purposes",),
}

#: Words behind placement and tone, and a language that has many names.
WORDS = {
    "bottom": "bar",
    "footer": "bar",
    "leiste": "bar",
    "unten": "bar",
    "box": "corner",
    "ecke": "corner",
    "center": "modal",
    "dialog": "modal",
    "mitte": "modal",
    "popup": "modal",
    "du": "informal",
    "sie": "formal",
    "leichte sprache": "de-simple",
    "einfache sprache": "de-simple",
}

#: Purposes that have words of their own.
PURPOSES = {
    "analyse": "statistics",
    "analytics": "statistics",
    "besuche": "statistics",
    "formulare": "forms",
    "karten": "media",
    "maps": "media",
    "marketing": "advertising",
    "security": "protection",
    "sicherheit": "protection",
    "spamschutz": "protection",
    "videos": "media",
    "werbung": "advertising",
}

#: Services of the catalogue.
SERVICES = {
    "adwords": "google-ads",
    "clarity": "microsoft-clarity",
    "facebook-pixel": "meta-pixel",
    "fb-pixel": "meta-pixel",
    "ga": "google-analytics",
    "ga4": "google-analytics",
    "gmaps": "google-maps",
    "google-adwords": "google-ads",
    "google-formulare": "google-forms",
    "google-kalender": "google-calendar",
    "gtag": "google-analytics",
    "gtm": "google-tag-manager",
    "ivw": "infonline",
    "metis": "vg-wort",
    "osm": "openstreetmap",
    "piwik": "matomo",
    "sendinblue": "brevo",
    "twitter": "x",
    "yt": "youtube",
}
