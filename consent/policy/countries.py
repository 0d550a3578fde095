"""
Countries by ISO 3166-1 alpha-2 code.

The codes are those that Babel has names for, without the ones that CLDR adds for groups of
countries, parts of countries and tests. XK for Kosovo, which ISO leaves to its users, stays:
it is what everybody uses.
"""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from consent.policy import wording
from consent.policy.mistakes import nearest
from consent.policy.values import OneOf

_NO_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())

#: Taken for codes, for instance because they are domains or stand on number plates.
_OTHERWISE = {"UK": "GB", "EL": "GR", "USA": "US", "D": "DE", "A": "AT"}


@cache
def codes() -> tuple[str, ...]:
    """Return all country codes, sorted."""
    territories = Locale("en").territories
    known = {str(code) for code in territories if re.fullmatch("[A-Z]{2}", str(code))}
    return tuple(sorted(known - _NO_COUNTRIES))


@cache
def country() -> OneOf:
    """Return the value that is a country code."""
    return OneOf(
        name="country",
        wanted='a country code of two capital letters such as "DE"',
        words=codes(),
        hint=_hint,
    )


def _hint(given: object) -> str | None:
    if not isinstance(given, str):
        return None
    word = given.strip().upper()
    if word == "EU":
        return 'the member state where the seat is, such as "IE"'
    code = word if word in codes() else _OTHERWISE.get(word) or _by_name(given)
    return f'"{code}"' if code else None


def _by_name(name: str) -> str | None:
    names = {
        wording.country_name(code, language).lower(): code
        for language in wording.languages()
        for code in codes()
    }
    near = nearest(name.strip(), names)
    return names[near] if near and len(name.strip()) > 3 else None
