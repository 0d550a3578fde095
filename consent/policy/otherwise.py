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

#: Keys for what a service itself is set up with, which a policy does not hold.
CODE = frozenset(
    (
        "id site_id siteid site-id idsite tracking_id tracking-id measurement_id measurement-id "
        "property_id container_id pixel_id ga_id gtm_id widget_id video_id api_key apikey key "
        "sitekey site_key token code snippet script src embed_code"
    ).split()
)

#: Words behind placement and the like, and a language that has many names.
WORDS = {
    "alle": "everybody",
    "deny": "block",
    "erlauben": "allow",
    "hidden": "absent",
    "kids": "children",
    "kinder": "children",
    "sperren": "block",
    "verbieten": "block",
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
    "de leicht": "de-simple",
    "de einfach": "de-simple",
    "de easy": "de-simple",
}

#: Languages by the countries that most people look for them under.
COUNTRIES = {
    "at": "de",
    "cz": "cs",
    "dk": "da",
    "ee": "et",
    "gb": "en",
    "gr": "el",
    "se": "sv",
    "si": "sl",
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

_COUNT = ("matomo", "google-analytics")
_MAPS = ("google-maps", "openstreetmap")
_FILMS = ("youtube", "vimeo")
_FONTS = ("google-fonts", "adobe-fonts")
_LETTERS = ("cleverreach", "mailchimp")
_GIFTS = ("betterplace", "twingle")
_FORMS = ("google-forms", "microsoft-forms")

#: Services of the catalogue, the usual ones where a word says only what a service is for.
SERVICES = {
    "adwords": ("google-ads",),
    "analyse": _COUNT,
    "analytics": _COUNT,
    "audio": ("podigee", "spotify"),
    "calendar": ("google-calendar", "calendly"),
    "captcha": ("friendly-captcha", "recaptcha"),
    "clarity": ("microsoft-clarity",),
    "donations": _GIFTS,
    "facebook-pixel": ("meta-pixel",),
    "fb": ("facebook",),
    "fb-pixel": ("meta-pixel",),
    "film": _FILMS,
    "filme": _FILMS,
    "fonts": _FONTS,
    "form": _FORMS,
    "forms": _FORMS,
    "formular": _FORMS,
    "formulare": _FORMS,
    "ga": ("google-analytics",),
    "ga4": ("google-analytics",),
    "gmaps": ("google-maps",),
    "google": ("google-analytics", "google-maps", "google-fonts"),
    "google-adwords": ("google-ads",),
    "google-formulare": ("google-forms",),
    "google-kalender": ("google-calendar",),
    "google-tag": ("google-tag-manager",),
    "gtag": ("google-analytics",),
    "gtm": ("google-tag-manager",),
    "insta": ("instagram",),
    "ivw": ("infonline",),
    "kalender": ("google-calendar", "calendly"),
    "karte": _MAPS,
    "karten": _MAPS,
    "map": _MAPS,
    "maps": _MAPS,
    "linkedin-pixel": ("linkedin-insight",),
    "meta": ("facebook", "meta-pixel"),
    "metis": ("vg-wort",),
    "newsletter": _LETTERS,
    "osm": ("openstreetmap",),
    "pinterest-pixel": ("pinterest-tag",),
    "piwik": ("matomo",),
    "podcast": ("podigee", "spotify"),
    "schriften": _FONTS,
    "sendinblue": ("brevo",),
    "social": ("facebook", "instagram"),
    "spamschutz": ("friendly-captcha", "recaptcha"),
    "spenden": _GIFTS,
    "statistics": _COUNT,
    "statistik": _COUNT,
    "statistiken": _COUNT,
    "stats": _COUNT,
    "tracking": _COUNT,
    "twitter": ("x",),
    "video": _FILMS,
    "videos": _FILMS,
    "webfonts": _FONTS,
    "yt": ("youtube",),
}
