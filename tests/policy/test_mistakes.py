"""Mistakes in a policy file are all found, and each is explained."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from consent.errors import PolicyError, Problem
from consent.policy import schema
from consent.policy.file import parse
from consent.policy.mistakes import printable, shown
from tests.policy.pieces import BASE, ITEM, OWN


def problems(more: str) -> tuple[Problem, ...]:
    with pytest.raises(PolicyError) as caught:
        parse(tomllib.loads(BASE + more), "consent.toml")
    return caught.value.problems


#: What is added to a policy, and path, found, wanted and hint of the only mistake.
MISTAKES = {
    "unknown key": ("sites = 1", "sites", "unknown key", "key of the file: site, ", "site"),
    "service as a key of the file": (
        "[youtube]",
        "youtube",
        "unknown key",
        "key of the file",
        "[services.youtube]",
    ),
    "unknown key of a service": (
        "[services.vimeo]\nhost = 'x.de'",
        "services.vimeo.host",
        "unknown key",
        "name, provider",
        "only for what runs on the site's own server",
    ),
    "key in German": ("[dienste.vimeo]", "dienste", "unknown key", "key of the file", "services"),
    "key in German that means another one here": (
        "laufzeit = 90",
        "laufzeit",
        "unknown",
        "key of the file",
        "lifetime",
    ),
    "key in German that means none here": (
        "inhalt = 'x'",
        "inhalt",
        "unknown",
        "key of the file",
        None,
    ),
    "required": (
        "[services.vimeo]\nrequired = true",
        "services.vimeo.required",
        "unknown key",
        "key of a service",
        "under [[essential]]",
    ),
    "key in capital German": ('"Sprachen" = ["de"]', "Sprachen", "unknown", "languages", "lang"),
    "key of another program": (
        "[services.matomo]\nhost = 'a.de'\nurl = 'a.de'",
        "services.matomo.url",
        "unknown key",
        "key of a service",
        "host",
    ),
    "key of a service in German": (
        "[services.vimeo]\nAnbieter = 'Vimeo'",
        "services.vimeo.Anbieter",
        "unknown key",
        "key of a service",
        "provider",
    ),
    "placement in German": ("placement = 'Unten'", "placement", '"Unten"', "one of", '"bar"'),
    "tone in German": ("tone = 'Sie'", "tone", '"Sie"', "one of", '"formal"'),
    "language in a list by its name": (
        'languages = ["Englisch"]',
        "languages.#1",
        '"Englisch"',
        '"bg"',
        '"en"',
    ),
    "language by its own name": (
        'languages = ["français"]',
        "languages.#1",
        '"français"',
        '"bg"',
        '"fr"',
    ),
    "easy language by its name": (
        'languages = ["Leichte Sprache"]',
        "languages.#1",
        '"Leichte Sprache"',
        '"bg"',
        '"de-simple"',
    ),
    "easy language by a tag": (
        'languages = ["de_leicht"]',
        "languages.#1",
        '"de_leicht"',
        '"bg"',
        '"de-simple"',
    ),
    "language by its country": ('languages = ["cz"]', "languages.#1", '"cz"', '"bg"', '"cs"'),
    "languages in one text": (
        "languages = 'de, en'",
        "languages",
        '"de, en"',
        "list of languages",
        '["de", "en"]',
    ),
    "lifetime with a point": (
        "lifetime = 180.0",
        "lifetime",
        "the number 180.0",
        "a whole number",
        "without a point: 180",
    ),
    "lifetime of half a day": ("lifetime = 0.5", "lifetime", "0.5", "a whole number", None),
    "lifetime without an end": ("lifetime = inf", "lifetime", "inf", "a whole number", None),
    "hosts in one text": (
        "[services.vimeo]\nhosts = 'a.de,b.de'",
        "services.vimeo.hosts",
        '"a.de,b.de"',
        "list of host names",
        '["a.de", "b.de"]',
    ),
    "key in capitals": ("LIFETIME = 90", "LIFETIME", "unknown key", "key of the file", "lifetime"),
    "purpose of another name": (
        "[services.recaptcha]\npurpose = 'security'",
        "services.recaptcha.purpose",
        '"security"',
        "a purpose that exists",
        '"protection"',
    ),
    "purpose of another name in capitals": (
        "[services.recaptcha]\npurpose = 'Marketing'",
        "services.recaptcha.purpose",
        '"Marketing"',
        "an id of small letters",
        '"advertising"',
    ),
    "own purpose in capitals": (
        "[services.recaptcha]\npurposes = ['Spenden']",
        "services.recaptcha.purposes.#1",
        '"Spenden"',
        "an id of small letters",
        '"spenden"',
    ),
    "host that is to be blocked": ("unknown = 'deny'", "unknown", '"deny"', '"allow"', '"block"'),
    "children by another word": (
        "audience = 'Kinder'",
        "audience",
        '"Kinder"',
        '"everybody"',
        '"children"',
    ),
    "service of another name": (
        "[services.ga4]\npurpose = 'tracking'",
        "services.ga4",
        "a service that is not in the catalogue",
        "one of those",
        '[services.google-analytics], or from = "google-analytics"',
    ),
    "service of a word for many": (
        "[services.maps]",
        "services.maps",
        "a service that is not in the catalogue",
        "one of those",
        '[services.google-maps] or [services.openstreetmap], or from = "google-maps"',
    ),
    "service behind its company": (
        "[services.google-recaptcha]",
        "services.google-recaptcha",
        "a service that is not in the catalogue",
        "one of those",
        '[services.recaptcha], or from = "recaptcha"',
    ),
    "service of a slip beside another": (
        "[services.matomo-clud]",
        "services.matomo-clud",
        "a service that is not in the catalogue",
        "one of those",
        '[services.matomo-cloud], or from = "matomo-cloud"',
    ),
    "number at the provider's": (
        "[services.google-analytics]\nmeasurement_id = 'G-123'",
        "services.google-analytics.measurement_id",
        "unknown key",
        "key of a service",
        "in the code of the service, which a template has within {% gate %}",
    ),
    "code in an own service": (
        OWN + "country = 'DE'\ncode = '<script>'",
        "services.karte.code",
        "unknown key",
        "key of a service",
        "in the code of the service, which a template has within {% gate %}",
    ),
    "from a word for many": (
        "[services.plan]\nfrom = 'Karten'",
        "services.plan.from",
        '"Karten"',
        "flask consent services",
        '"google-maps" or "openstreetmap"',
    ),
    "own host with a star": (
        "[services.umami]\nhost = '*.verein.example'",
        "services.umami.host",
        '"*.verein.example"',
        "the host name of the site's own installation",
        '"verein.example"',
    ),
    "own text below no language": (
        "[texts]\n'button.accept' = 'Ja, alle'",
        'texts."button.accept"',
        "unknown key",
        "key of the texts",
        "below a language: [texts.de]",
    ),
    "own text by the end of its name": (
        "[texts.de]\nreject = 'Nein'",
        "texts.de.reject",
        "unknown key",
        "key of the texts",
        '"button.reject"',
    ),
    "own text without quotes": (
        "[texts.de]\nbutton.save = 'Merken'",
        "texts.de.button",
        "unknown key",
        "key of the texts",
        'in quotes: "button.save"',
    ),
    "key of the file in a table": (
        "[services.vimeo]\nlanguages = ['de', 'en']",
        "services.vimeo.languages",
        "unknown key",
        "key of a service",
        "above the first [table]",
    ),
    "purposes as purpose": (
        "[services.vimeo]\npurpose = ['media', 'tracking']",
        "services.vimeo.purpose",
        "a list",
        "an id",
        "several stand behind purposes",
    ),
    "preselected": (
        "[services.vimeo]\nenabled = true",
        "services.vimeo.enabled",
        "unknown key",
        "key of a service",
        "nothing can be preselected",
    ),
    "other basis": (
        "[services.vimeo]\nlegal_basis = 'x'",
        "services.vimeo.legal_basis",
        "unknown key",
        "key of a service",
        "always rests on consent",
    ),
    "key in quotes": (
        '[purposes.media]\n"ti.tle" = "x"',
        'purposes.media."ti.tle"',
        "unknown key",
        "title, description, without",
        "title",
    ),
    "lifetime": ("lifetime = 401", "lifetime", "the number 401", "1 to 400", "400"),
    "lifetime zero": ("lifetime = 0", "lifetime", "the number 0", "1 to 400", None),
    "lifetime text": ("lifetime = '90'", "lifetime", '"90"', "whole number", "without quotes: 90"),
    "lifetime text and huge": ("lifetime = '900'", "lifetime", '"900"', "whole number", None),
    "lifetime with its unit": (
        "lifetime = '180 days'",
        "lifetime",
        '"180 days"',
        "whole number",
        "the number alone, without quotes: 180",
    ),
    "lifetime in months": ("lifetime = '6 Monate'", "lifetime", "6", "whole number", "quotes: 180"),
    "lifetime in a word": ("lifetime = '1y'", "lifetime", '"1y"', "whole number", "quotes: 365"),
    "lifetime of weeks": ("lifetime = '2 weeks'", "lifetime", "2", "whole number", "quotes: 14"),
    "lifetime of years": ("lifetime = '2 Jahre'", "lifetime", "2", "1 to 400", None),
    "lifetime of hours": ("lifetime = '24h'", "lifetime", '"24h"', "whole number of days", None),
    "lifetime of nothing": ("lifetime = '0'", "lifetime", '"0"', "1 to 400", None),
    "lifetime truth": ("lifetime = true", "lifetime", "true", "whole number", None),
    "lifetime float": ("lifetime = 1.5", "lifetime", "the number 1.5", "whole number", None),
    "lifetime date": ("lifetime = 2026-01-01", "lifetime", "a date", "whole number", None),
    "lifetime time": ("lifetime = 10:00:00", "lifetime", "a time", "whole number", None),
    "lifetime huge": (f"lifetime = 0x{'f' * 9999}", "lifetime", "a huge number", "1 to 400", "400"),
    "retention": ("retention = '3 Jahre'", "retention", '"3 Jahre"', '"3 years"', '"3 years"'),
    "retention by number": ("retention = 3", "retention", "3", '"3 years"', "with a unit"),
    "retention of minutes": ("retention = '9 minutes'", "retention", "9", "weeks", None),
    "retention in words": ("retention = 'lange'", "retention", '"lange"', "weeks", None),
    "retention by session": ("retention = 'session'", "retention", "session", "weeks", None),
    "no language": ("languages = []", "languages", "an empty list", "de, bg, cs", None),
    "language alone": ("languages = 'de'", "languages", '"de"', "list of languages", '["de"]'),
    "language by its name": ("languages = 'deutsch'", "languages", '"deutsch"', "list of", None),
    "signals off": ("signals = 'none'", "signals", '"none"', "[] for none", None),
    "language twice": ('languages = ["de", "de"]', "languages.#2", '"de" again', "once", None),
    "language of Windows": ('languages = ["de_AT"]', "languages.#1", "AT", '"bg"', '"de"'),
    "language with a region": ('languages = ["en-GB"]', "languages.#1", "GB", '"bg"', '"en"'),
    "language with a variant": (
        'languages = ["DE_Simple"]',
        "languages.#1",
        "Simple",
        '"bg"',
        '"de-simple"',
    ),
    "language unknown": ('languages = ["eng"]', "languages.#1", '"eng"', '"de", "bg"', '"en"'),
    "children asked": (
        "audience = 'children'\n[services.vimeo]\nembed = 'video'",
        "services",
        "optional ones on a site for children",
        "none, as children under 16",
        'parents = "…"',
    ),
    "parents in one language": (
        "languages = ['de', 'en']\naudience = 'children'\nparents = { de = 'Fragt eure Eltern.' }\n"
        "[services.vimeo]",
        "parents.en",
        "nothing",
        "every language of the site",
        None,
    ),
    "parents who are pleased": (
        "parents = 'Optimal mit euren Eltern'",
        "parents",
        'the phrase "Optimal"',
        "neutral",
        "we count visits",
    ),
    "audience": ("audience = 'child'", "audience", '"child"', '"children"', '"children"'),
    "services listed": ('services = ["vimeo"]', "services", "a list", "[services.youtube]", None),
    "service switched on": (
        "[services]\nvimeo = true",
        "services.vimeo",
        "true",
        "a table",
        "[services.vimeo]",
    ),
    "service misspelt": (
        "[services.yotube]",
        "services.yotube",
        "not in the catalogue",
        "flask consent services",
        'from = "youtube"',
    ),
    "service unknown": ("[services.xyz]", "services.xyz", "not in the", "a description with", None),
    "service essential": (
        "[services.essential]",
        "services.essential",
        '"ess',
        "id",
        "[[essential]]",
    ),
    "service in capitals": ("[services.Vimeo]", "services.Vimeo", '"Vimeo"', "small", '"vimeo"'),
    "service with a space": (
        "[services.'my films']",
        'services."my films"',
        '"my films"',
        "letters",
        '"my-films"',
    ),
    "service with marks": (
        '[services."(my films)"]',
        'services."(my films)"',
        '"(my films)"',
        "letters",
        '"my-films"',
    ),
    "service with umlauts": (
        '[services."Grüße"]',
        'services."Grüße"',
        '"Grüße"',
        "small letters",
        '"gruesse"',
    ),
    "service with an accent": (
        '[services."Café"]',
        'services."Café"',
        '"Café"',
        "small letters",
        '"cafe"',
    ),
    "service with a digit first": (
        "[services.1und1]",
        "services.1und1",
        '"1und1"',
        "a letter first",
        None,
    ),
    "service with a long id": (
        f"[services.{'a' * 33}]",
        f"services.{'a' * 33}",
        "aaa",
        "32 at most",
        None,
    ),
    "from nowhere": (
        "[services.films]\nfrom = 'vimoe'",
        "services.films.from",
        '"vimoe"',
        "flask consent services",
        '"vimeo"',
    ),
    "from below an id of the catalogue": (
        "[services.youtube]\nfrom = 'vimeo'",
        "services.youtube.from",
        "unknown key",
        "key of a service",
        "only under an id that the catalogue does not have",
    ),
    "from a number": (
        "[services.films]\nfrom = 1",
        "services.films.from",
        "1",
        "a service that",
        None,
    ),
    "host missing": ("[services.matomo]", "services.matomo.host", "nothing", "own install", None),
    "host with scheme": (
        "[services.matomo]\nhost = 'https://x.de/m'",
        "services.matomo.host",
        '"https://x.de/m"',
        "host name",
        '"x.de/m", without "https://"',
    ),
    "host that is a path": (
        "[services.matomo]\nhost = '/matomo'",
        "services.matomo.host",
        '"/matomo"',
        "host name",
        'the name of the host before it, as in "verein.example/matomo"',
    ),
    "host without a scheme": (
        "[services.matomo]\nhost = '//x.de/matomo'",
        "services.matomo.host",
        '"//x.de/matomo"',
        "host name",
        '"x.de/matomo"',
    ),
    "adapter with a slip": (
        "[services.youtube]\nadapter = 'youtbe'",
        "services.youtube.adapter",
        '"youtbe"',
        "one of clarity",
        '"youtube"',
    ),
    "adapter of another host": (
        "[services.youtube]\nadapter = 'https://x.example/a.js'",
        "services.youtube.adapter",
        '"https://x.example/a.js"',
        "one of clarity",
        None,
    ),
    "host with a script": (
        "[services.umami]\nhost = 'https://x.de/umami/script.js'",
        "services.umami.host",
        '"https://x.de/umami/script.js"',
        "host name",
        '"x.de/umami", without "https://"',
    ),
    "host with a script of a server": (
        "[services.matomo]\nhost = 'x.de/matomo.php'",
        "services.matomo.host",
        '"x.de/matomo.php"',
        "host name",
        '"x.de"',
    ),
    "hosts with a query": (
        "[services.vimeo]\nhosts = ['https://a.de/b?c=d']",
        "services.vimeo.hosts.#1",
        '"https://a.de/b?c=d"',
        '"*."',
        '"a.de/b", without "https://"',
    ),
    "hosts with scheme": (
        "[services.vimeo]\nhosts = ['a.de', 'http://']",
        "services.vimeo.hosts.#2",
        '"http://"',
        '"*."',
        'without "http://"',
    ),
    "hosts in capitals": (
        "[services.vimeo]\nhosts = ['Müller.de']",
        "services.vimeo.hosts.#1",
        '"Müller.de"',
        "host name",
        '"xn--mller-kva.de"',
    ),
    "hosts with a sharp s": (
        "[services.vimeo]\nhosts = ['Straße.de']",
        "services.vimeo.hosts.#1",
        '"Straße.de"',
        "host name",
        '"xn--strae-oqa.de"',
    ),
    "hosts too long for the DNS": (
        f"[services.vimeo]\nhosts = ['{'ä' * 70}.de']",
        "services.vimeo.hosts.#1",
        "ääää",
        "host name",
        None,
    ),
    "hosts of a whole country": (
        "[services.vimeo]\nhosts = ['*.de']",
        "services.vimeo.hosts.#1",
        '"*.de"',
        "host name",
        None,
    ),
    "purpose misspelt": (
        "[services.vimeo]\npurpose = 'meida'",
        "services.vimeo.purpose",
        '"meida"',
        "purpose that exists",
        '"media"',
    ),
    "purpose undeclared": (
        "[services.vimeo]\npurposes = ['media', 'spenden']",
        "services.vimeo.purposes.#2",
        '"spenden"',
        "purpose that exists: statistics, media, tracking",
        "[purposes.spenden]",
    ),
    "purpose essential": (
        "[services.vimeo]\npurpose = 'essential'",
        "services.vimeo.purpose",
        '"essential"',
        "not essential",
        "[[essential]]",
    ),
    "purpose missing": (
        OWN.replace("purpose", "#") + "country = 'DE'",
        "services.karte.purpose",
        "nothing",
        "an id of small letters",
        None,
    ),
    "purpose twice over": (
        "[services.vimeo]\npurpose = 'media'\npurposes = ['media']",
        "services.vimeo.purposes",
        "both purpose and purposes",
        "one of the two",
        None,
    ),
    "country by name": (
        OWN + "country = 'Österreich'",
        "services.karte.country",
        '"Österreich"',
        "two capital letters",
        '"AT"',
    ),
    "country by habit": (OWN + "country = 'uk'", "services.karte.country", '"uk"', "two", '"GB"'),
    "country of many": (OWN + "country = 'EU'", "services.karte.country", "EU", "two", "seat"),
    "country of the EEA": (OWN + "country = 'EWR'", "services.karte.country", "EWR", "two", "seat"),
    "country of none": (OWN + "country = 'ZZ'", "services.karte.country", "ZZ", "two", None),
    "country of two": (
        OWN + "country = ['US', 'IE']",
        "services.karte.country",
        "a list",
        "two capital letters",
        None,
    ),
    "country missing": (OWN, "services.karte.country", "nothing", "two capital letters", None),
    "safeguard missing": (
        OWN + "country = 'DE'\ntransfers = ['IN', 'US']",
        "services.karte.safeguard",
        "nothing",
        "IN, US, outside the EEA",
        '"scc"',
    ),
    "safeguard by consent": (
        OWN + "country = 'US'\nsafeguard = 'consent'",
        "services.karte.safeguard",
        '"consent"',
        '"adequacy", "dpf", "scc", "bcr"',
        None,
    ),
    "safeguard lost by an override": (
        "[services.etracker]\ncountry = 'US'",
        "services.etracker.safeguard",
        "nothing",
        "US, outside",
        '"dpf"',
    ),
    "embed by its tag": (
        "[services.vimeo]\nembed = 'iframe'",
        "services.vimeo.embed",
        '"iframe"',
        '"content"',
        None,
    ),
    "switched on": (
        "[services.vimeo]\nactive = true",
        "services.vimeo.active",
        "unknown key",
        "key of a service",
        "nothing can be preselected",
    ),
    "embed": ("[services.vimeo]\nembed = 'vidoe'", "services.vimeo.embed", "doe", "map", '"video"'),
    "script as a link": (
        "[services.vimeo]\nprivacy = 'javascript:alert(1)'",
        "services.vimeo.privacy",
        '"javascript:alert(1)"',
        "https://",
        None,
    ),
    "vague title": (
        "[purposes.media]\ntitle = 'Besseres Nutzererlebnis'",
        "purposes.media.title",
        'the phrase "Nutzererlebnis"',
        "concrete",
        "we count visits",
    ),
    "vague description": (
        "[purposes.media.description]\nde = 'Optimale Darstellung'",
        "purposes.media.description.de",
        'the phrase "Optimale"',
        "concrete",
        "we count visits",
    ),
    "vague threat": (
        "[purposes.media]\nwithout = 'Leider geht dann nichts.'",
        "purposes.media.without",
        'the phrase "Leider"',
        "concrete",
        "we count visits",
    ),
    "purpose in part": (
        "[purposes.spenden]\ntitle = 'a'\ndescription = 'b'",
        "purposes.spenden.without",
        "nothing",
        "a text",
        None,
    ),
    "language missing": (
        "languages = ['de', 'en']\n[purposes.media]\ntitle = { de = 'Filme' }",
        "purposes.media.title.en",
        "nothing",
        "every language of the site",
        None,
    ),
    "language not shipped": (
        "[purposes.media]\ntitle = { de = 'Filme', ja = '映画' }",
        "purposes.media.title.ja",
        "unknown key",
        "a key of a text by language",
        None,
    ),
    "text as a number": ("[purposes.media]\ntitle = 1", "purposes.media.title", "1", "text", None),
    "text empty": ("[purposes.media]\ntitle = ''", "purposes.media.title", "empty text", "", None),
    "text of spaces": ("[purposes.media]\ntitle = ' '", "purposes.media.title", "empty", "", None),
    "text in two lines": (
        "[purposes.media]\ntitle = '''a\nb'''",
        "purposes.media.title",
        "control character U+000A",
        "without any",
        "one line",
    ),
    "text with a bell": (
        '[purposes.media]\ntitle = "a\\u0007"',
        "purposes.media.title",
        "control character U+0007",
        "without any",
        None,
    ),
    "text that is turned round": (
        '[purposes.media]\ntitle = "Filme \\u202e zeigen"',
        "purposes.media.title",
        'a sign that nobody sees, U+202E, behind "Filme"',
        "without any",
        "type that word anew",
    ),
    "text with a mark of files in front": (
        '[texts.de]\n"banner.title" = "\\ufeffFilme"',
        'texts.de."banner.title"',
        "a sign that nobody sees, U+FEFF, at the beginning",
        "without any",
        "type that word anew",
    ),
    "text of what only joins": (
        '[purposes.media]\ntitle = "\\u200d\\u00ad"',
        "purposes.media.title",
        "empty text",
        "",
        None,
    ),
    "essential as a table": (
        "[essential]\nname = 'a'",
        "essential",
        "a table",
        "[[essential]]",
        None,
    ),
    "essential as a whole table": (
        ITEM.replace("[[essential]]", "[essential]"),
        "essential",
        "a table",
        "[[essential]]",
        None,
    ),
    "reason missing": (
        ITEM + ITEM.replace("content", "#"),
        "essential.#2.content",
        "nothing",
        "a text",
        None,
    ),
    "item for everything": (
        ITEM.replace('"a"', '"**"'),
        "essential.#1.name",
        '"**"',
        "name of a cookie",
        None,
    ),
    "item kind": (
        ITEM + "kind = 'localstorage'",
        "essential.#1.kind",
        '"localstorage"',
        '"cookie", "local-storage"',
        '"local-storage"',
    ),
    "item duration": (
        ITEM.replace("1 day", "1 Tag"),
        "essential.#1.duration",
        '"1 Tag"',
        '"13 months"',
        '"1 day"',
    ),
    "item twice": (
        "[services.vimeo]\nitems = ["
        + '{name="a",kind="cookie",duration="1 day",content="x"},' * 2
        + "]",
        "services.vimeo.items.#2",
        "a table again",
        "once",
        None,
    ),
    "wording unknown": (
        "[texts.de]\n'baner.title' = 'x'",
        'texts.de."baner.title"',
        "unknown key",
        "key of the texts",
        "banner.title",
    ),
    "wording without quotes": (
        "[texts.de]\nbanner.title = 'x'",
        "texts.de.banner",
        "unknown key",
        "key of the texts",
        'in quotes: "banner.title"',
    ),
    "wording for nobody": ("[texts.tlh]", "texts.tlh", "unknown key", "a key of the texts", None),
    "placeholder unknown": (
        "[texts.de]\n'banner.controller' = '{controler}'",
        'texts.de."banner.controller"',
        "the placeholder {controler}",
        "exactly {controller}",
        "{controller}",
    ),
    "placeholder that digs": (
        "[texts.de]\n'banner.controller' = '{controller.__class__}'",
        'texts.de."banner.controller"',
        "the placeholder {controller.__class__}",
        "exactly {controller}",
        "{controller}",
    ),
    "placeholder lost": (
        "[texts.de]\n'banner.controller' = 'Wir'",
        'texts.de."banner.controller"',
        "no {controller}",
        "exactly {controller}",
        None,
    ),
    "placeholder where none is": (
        "[texts.de]\n'banner.title' = '{x}'",
        'texts.de."banner.title"',
        "the placeholder {x}",
        "none",
        None,
    ),
    "brace alone": (
        "[texts.de]\n'banner.title' = 'a { b'",
        'texts.de."banner.title"',
        "brace without",
        "none",
        "twice",
    ),
    "evasive label": (
        "[texts.de]\n'button.accept' = 'OK!'",
        'texts.de."button.accept"',
        'the label "OK!"',
        "what the button does",
        None,
    ),
    "label of the other button": (
        "[texts.de]\n'button.accept' = 'Alles erlauben'\n'button.reject' = 'alles erlauben!'",
        'texts.de."button.reject"',
        "the label of button.accept",
        "no other button",
        None,
    ),
    "label of the other button with a place to part": (
        '[texts.de]\n"button.accept" = "Alles erlauben"\n"button.reject" = "Alles er\\u00adlauben"',
        'texts.de."button.reject"',
        "the label of button.accept",
        "no other button",
        None,
    ),
    "praise with a place to part": (
        '[texts.de]\n"banner.title" = "Für Ihr best\\u00admögliches Erlebnis"',
        'texts.de."banner.title"',
        'the phrase "bestmögliches"',
        "neutral",
        "we count visits",
    ),
    "item with a space of no width": (
        ITEM.replace('name = "a"', 'name = "si\\u200bd"'),
        "essential.#1.name",
        '"si\\u200bd"',
        "a cookie",
        '"sid"',
    ),
    "item that nobody sees": (
        ITEM.replace('name = "a"', 'name = "\\u200b"'),
        "essential.#1.name",
        '"\\u200b"',
        "a cookie",
        None,
    ),
    "label of a button that is not renamed": (
        "[texts.en]\n'button.accept_these' = 'Reject all'",
        'texts.en."button.accept_these"',
        "the label of button.reject",
        "no other button",
        None,
    ),
    "praise": (
        "[texts.de]\n'banner.title' = 'Für Ihr bestmögliches Erlebnis'",
        'texts.de."banner.title"',
        'the phrase "bestmögliches"',
        "neutral",
        "we count visits",
    ),
}


@pytest.mark.parametrize(
    ("more", "path", "found", "wanted", "hint"), MISTAKES.values(), ids=MISTAKES.keys()
)
def test_a_mistake_is_explained(more, path, found, wanted, hint):
    """
    Each mistake is reported once, with its place, what stands there, what may stand there
    and, where it can be guessed, what was meant (FL-10, FL-25, RP-07, SL-03, SL-04, SL-07, SL-08).
    """
    (problem,) = problems(more)

    assert problem.path == path
    assert found in problem.found
    assert wanted in problem.wanted
    assert (hint in (problem.hint or "")) if hint else problem.hint is None


HEAD = {
    "no site": ("site", None, "site", "nothing", None),
    "site with a scheme": ("site", "https://verein.example/", "site", "https", '"verein.example"'),
    "site of many": ("site", "*.verein.example", "site", '"*.ver', '"verein.example"'),
    "site in capitals": ("site", "Verein.example", "site", "Verein", '"verein.example"'),
    "site of one word": ("site", "verein", "site", '"verein"', None),
    "site as a list": ("site", ["verein.example"], "site", "a list", None),
    "controller in two brackets": (
        "controller",
        [{"name": "Verein", "email": "a@b.de"}],
        "controller",
        "a list",
        "[controller], in single brackets",
    ),
    "no controller": ("controller", None, "controller", "nothing", None),
    "controller as text": ("controller", "Verein", "controller", '"Verein"', None),
    "no name": ("controller", {"email": "a@b.de"}, "controller.name", "nothing", None),
    "empty name": ("controller", {"email": "a@b.de", "name": ""}, "controller.name", "empty", None),
    "name turned round": (
        "controller",
        {"email": "a@b.de", "name": "Verein \u202e Nord"},
        "controller.name",
        'U+202E, behind "Verein"',
        "type that word anew",
    ),
    "name of a whole page": (
        "controller",
        {"email": "a@b.de", "name": "V" * 301},
        "controller.name",
        "301 characters",
        None,
    ),
    "mail with a space of no width": (
        "controller",
        {"email": "info\u200b@b.de", "name": "Verein"},
        "controller.email",
        '"info\\u200b@b.de"',
        '"info@b.de"',
    ),
    "mail with a scheme": (
        "controller",
        {"email": "mailto:a@b.de", "name": "Verein"},
        "controller.email",
        '"mailto:a@b.de"',
        '"a@b.de"',
    ),
    "mail in disguise": (
        "controller",
        {"email": "info (at) b.de", "name": "Verein"},
        "controller.email",
        '"info (at) b.de"',
        '"info@b.de"',
    ),
    "mail with a name": (
        "controller",
        {"email": "Verein <info@b.de>", "name": "Verein"},
        "controller.email",
        '"Verein <info@b.de>"',
        '"info@b.de"',
    ),
    "mail without a host": (
        "controller",
        {"email": "info", "name": "Verein"},
        "controller.email",
        '"info"',
        None,
    ),
    "no imprint": ("links", {"privacy": "/d"}, "links.imprint", "nothing", None),
    "link without a slash": (
        "links",
        {"privacy": "datenschutz", "imprint": "/"},
        "links.privacy",
        '"datenschutz"',
        '"/datenschutz"',
    ),
    "link without a scheme": (
        "links",
        {"privacy": "/d", "imprint": "www.verein.example/impressum"},
        "links.imprint",
        '"www.verein',
        '"https://www.verein.example/impressum"',
    ),
    "link to a mailbox": (
        "links",
        {"privacy": "datenschutz@verein.example", "imprint": "/i"},
        "links.privacy",
        '"datenschutz@',
        "a page; the e-mail address is that of the controller",
    ),
    "link to another host": (
        "links",
        {"privacy": "/d", "imprint": "//other.example"},
        "links.imprint",
        '"//other',
        '"https://other.example"',
    ),
    "link to nowhere": ("links", {"privacy": "", "imprint": "/i"}, "links.privacy", "empty", None),
    "link of a template": (
        "links",
        {"privacy": "/d", "imprint": "{{ url_for('imprint') }}"},
        "links.imprint",
        '"{{ url_for',
        None,
    ),
    "link among spaces": (
        "links",
        {"privacy": "/d", "imprint": " impressum "},
        "links.imprint",
        '" impressum "',
        '"/impressum"',
    ),
    "link with a place to part": (
        "links",
        {"privacy": "/daten\u00adschutz", "imprint": "/i"},
        "links.privacy",
        '"/daten\\u00adschutz"',
        '"/datenschutz"',
    ),
    "link with a space": (
        "links",
        {"privacy": "/d", "imprint": "Über uns.html"},
        "links.imprint",
        '"Über uns.html"',
        '"/Über%20uns.html"',
    ),
    "link to a page": (
        "links",
        {"privacy": "/d", "imprint": "impressum.html"},
        "links.imprint",
        '"impressum.html"',
        '"/impressum.html"',
    ),
}


@pytest.mark.parametrize(("key", "value", "path", "found", "hint"), HEAD.values(), ids=HEAD.keys())
def test_a_mistake_in_the_first_lines_is_explained(key, value, path, found, hint):
    """
    A site without host name, controller or links does not start and is told why (FL-19).
    """
    table = {**tomllib.loads(BASE), key: value}
    if value is None:
        del table[key]
    with pytest.raises(PolicyError) as caught:
        parse(table, "consent.toml")
    (problem,) = caught.value.problems

    assert problem.path == path
    assert found in problem.found
    assert (hint in (problem.hint or "")) if hint else problem.hint is None


#: One mistake a line, as far as TOML allows it.
EVERYTHING = """
sight = "verein.example"
site = "https://verein.example"
lifetime = 500
audience = "children"
languages = ["de", "xx"]

[controller]
name = ""
email = "datenschutz"

[links]
privacy = "datenschutz"

[purposes.media]
title = "Optimal"
checked = true

[services.yotube]

[services.vimeo]
purpose = "mdia"
hosts = ["a.example", "https://b.example"]
country = "England"

[services.karte]
provider = ""
items = [{ name = "*", kind = "cooky", duration = 3, content = "a\\tb" }]

[texts.de]
"banner.titel" = "x"
"banner.controller" = "x"

[[essential]]
name = "a"
"""

FOUND = [
    "sight",
    "site",
    "lifetime",
    "languages.#2",
    "controller.name",
    "controller.email",
    "links.imprint",
    "links.privacy",
    "purposes.media.title",
    "purposes.media.checked",
    "services",
    "services.yotube",
    "services.vimeo.purpose",
    "services.vimeo.hosts.#2",
    "services.vimeo.country",
    "services.karte.name",
    "services.karte.country",
    "services.karte.hosts",
    "services.karte.purpose",
    "services.karte.provider",
    "services.karte.items.#1.name",
    "services.karte.items.#1.kind",
    "services.karte.items.#1.duration",
    "services.karte.items.#1.content",
    'texts.de."banner.titel"',
    'texts.de."banner.controller"',
    "essential.#1.duration",
    "essential.#1.content",
]


def test_all_mistakes_are_reported_at_once():
    """
    A file with many mistakes is mended in one go: all are listed, in the order of the file.
    """
    with pytest.raises(PolicyError) as caught:
        parse(tomllib.loads(EVERYTHING), "/etc/site/consent.toml")

    assert [problem.path for problem in caught.value.problems] == FOUND
    assert str(caught.value).startswith(f"/etc/site/consent.toml: {len(FOUND)} mistakes\n")


def test_a_wrong_name_of_a_service_hides_no_mistake_below_it():
    """
    What is wrong inside a service whose id is misspelt or unknown is told in the same go.
    """
    found = problems("""
[services.Terminal]
name = "Terminal"
provider = "Terminal GmbH"
country = "CH"
purpose = "mdia"
hosts = ["terminal.example"]
items = []

[services.yotube]
purpose = "mdia"
enabled = true
embed = "vidoe"

[services.zaehler]
host = "statistik.verein.example"
""")

    assert [problem.path for problem in found] == [
        "services.Terminal",
        "services.Terminal.safeguard",
        "services.Terminal.purpose",
        "services.yotube",
        "services.yotube.purpose",
        "services.yotube.enabled",
        "services.yotube.embed",
        "services.zaehler",
    ]


def test_no_report_is_long_or_breaks_a_line():
    """
    However long or strange a value or key is, the log gets one short line of it.
    """
    found = problems(f'''
"{"k" * 500}" = 1
"a\\u001b[31m\\n" = 1
languages = ["{"ä" * 500}", "\\u202e\\n\\u0000"]
lifetime = [{", ".join("1" * 500)}]
''')

    assert len(found) == 5
    assert all(len(problem.path) <= 80 and len(problem.found) <= 80 for problem in found)
    assert all(f"{problem.path}{problem.found}".isprintable() for problem in found)


def lines() -> Iterator[str]:
    tables = [BASE + case[0] for case in MISTAKES.values()] + [EVERYTHING]
    for text in tables:
        with pytest.raises(PolicyError) as caught:
            parse(tomllib.loads(text), "consent.toml")
        for problem in caught.value.problems:
            yield from filter(None, (problem.found, problem.wanted, problem.hint))


@pytest.mark.parametrize(
    "piece", ['own_hosts = ["x.{}!"]', 'languages = ["{}"]', '[texts.de]\n"banner.intro" = "{}"']
)
def test_no_word_is_too_long_to_be_read(piece):
    """
    Whatever somebody hands in as their policy, and be it one word without end, is read at once.
    """
    start = process_time()
    with suppress(PolicyError):
        parse(tomllib.loads(BASE + piece.format("a" * 40_000)), "consent.toml")

    assert process_time() - start < 1


def test_no_name_of_a_site_is_too_long_to_be_read():
    """
    The same is true of what the site itself is called.
    """
    start = process_time()
    with pytest.raises(PolicyError):
        parse({**tomllib.loads(BASE), "site": "a." * 30_000}, "consent.toml")

    assert process_time() - start < 1


def test_reports_are_parts_of_a_sentence():
    """
    What is found, wanted and hinted can be put into any sentence: small letters at the
    beginning, no full stop at the end.
    """
    assert [line for line in lines() if re.match(r"[A-Z]", line) or line.endswith(".")] == []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("x", '"x"'),
        ("", "an empty text"),
        ("a\nb", '"a\\u000ab"'),
        (True, "true"),
        (400, "the number 400"),
        (-1.5, "the number -1.5"),
        (float("inf"), "the number inf"),
        pytest.param(1 << 40_000, "a huge number", id="huge"),
        ([1], "a list"),
        ([], "an empty list"),
        ({"a": 1}, "a table"),
        ({}, "an empty table"),
        (None, "a value"),
    ],
)
def test_a_value_is_named_in_plain_words(value, words):
    """
    A report says what stands there as a person would, not as a programming language would.
    """
    assert shown(value) == words


@given(st.text(max_size=200))
def test_what_is_repeated_stays_short_and_visible(text):
    """
    No character of a file can hide or spoil a line of the log.
    """
    assert len(printable(text)) <= 60
    assert printable(text).isprintable()


WHOLE = tomllib.loads(
    BASE
    + OWN
    + """
country = "US"
safeguard = "scc"
transfers = ["IN"]
embed = "map"

[services.vimeo]
purposes = ["media", "spenden"]

[services.matomo]
host = "zahl.example"

[services.films]
from = "youtube"
name = "Filme"

[purposes.spenden]
title = "Spenden"
description = { de = "Formular der Bank.", en = "Form of the bank." }
without = "Kein Formular."

[purposes.media]
title = "Filme zeigen"

[texts.de]
"banner.controller" = "Wir: {controller}"

[[essential]]
name = "basket"
kind = "local-storage"
duration = "2 days"
content = { de = "Warenkorb" }
"""
)

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.dates()
    | st.text(max_size=8)
    | st.sampled_from(
        "de en US ZZ media essential youtube matomo { * a.de /x scc map cookie "
        "https://a.de a@b.de optimal name 1-day session".split()
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=4)
            | st.sampled_from(["de", "en", "fr", "name", "from", "purpose", "items", "content"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)


def spots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield everything that can be replaced in *value*, as container and key."""
    rows = value.items() if isinstance(value, dict) else enumerate(value)
    for key, row in rows:
        yield value, key
        if isinstance(row, dict | list):
            yield from spots(row)


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, Any]:
    table = copy.deepcopy(WHOLE)
    for _ in range(draw(st.integers(1, 2))):
        places = list(spots(table))
        if not places:
            break
        container, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(["replace", "remove", "add"])):
            case "replace":
                container[key] = draw(values)
            case "remove":
                del container[key]
            case "add" if isinstance(container, dict):
                container[draw(st.text(max_size=6))] = draw(values)
            case _:
                container.append(draw(values))
    return table


def test_the_example_that_is_spoilt_below_is_right():
    """
    The next promise is about mistakes, so it starts from a policy without any.
    """
    assert len(parse(WHOLE, "consent.toml").services) == 4


#: What has to be said in each kind of table, as a path in the file above.
NEEDED = """
site controller controller.name controller.email links links.privacy links.imprint
services.karte.name services.karte.provider services.karte.country services.karte.purpose
services.karte.hosts services.karte.items services.matomo.host
purposes.spenden.title purposes.spenden.description purposes.spenden.without
essential.#1.name essential.#1.duration essential.#1.content
""".split()


@pytest.mark.parametrize("path", NEEDED)
def test_what_has_to_be_said_cannot_be_left_out(path):
    """
    Each of the facts that visitors must be told is asked for where it is missing (FL-19, SL-03).
    """
    *above, key = path.split(".")
    table: Any = copy.deepcopy(WHOLE)
    place = table
    for step in above:
        place = place[int(step[1:]) - 1 if step.startswith("#") else step]
    del place[key]
    with pytest.raises(PolicyError) as caught:
        parse(table, "consent.toml")

    assert [(p.path, p.found) for p in caught.value.problems] == [(path, "nothing")]


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(schema.build())


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(spoilt())
def test_whatever_stands_in_the_file_it_is_read_or_explained(table):
    """
    No content of the file leads to any error but the report of its mistakes, and an editor
    never marks as wrong what the reader takes.
    """
    try:
        parse(table, "consent.toml")
    except PolicyError:
        return
    validator().validate(table)
