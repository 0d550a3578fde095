"""
Countries by ISO 3166-1 alpha-2 code.

The codes are written down here, so that reading a policy does not load a whole locale; a test
holds them against Babel's. XK for Kosovo, which ISO leaves to its users, is among them: it is
what everybody uses.
"""

from __future__ import annotations

from functools import cache

from consent.policy import wording
from consent.policy.mistakes import nearest
from consent.policy.values import OneOf

_CODES = tuple(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ
    EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW
    GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY
    KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV
    MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY
    QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG
    TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA
    ZM ZW
    """.split()
)

#: Taken for codes, for instance because they are domains or stand on number plates, or said
#: where the list of names has another one.
_OTHERWISE = {
    "UK": "GB",
    "EL": "GR",
    "USA": "US",
    "D": "DE",
    "A": "AT",
    "ENGLAND": "GB",
    "SCHOTTLAND": "GB",
    "SCOTLAND": "GB",
    "WALES": "GB",
    "NORDIRLAND": "GB",
    "NORTHERN IRELAND": "GB",
    "GROSSBRITANNIEN": "GB",
    "GREAT BRITAIN": "GB",
    "AMERIKA": "US",
    "VEREINIGTE STAATEN VON AMERIKA": "US",
    "UNITED STATES OF AMERICA": "US",
    "WEISSRUSSLAND": "BY",
    "KOREA": "KR",
    "DUBAI": "AE",
}

#: How much alike names must be, of 1: with less, "Bayern" would be Cyprus in German and "none"
#: Réunion in Italian, as nearly everything looks a little like some country in some language.
_ALIKE = 0.82

#: How letters are written where a keyboard does not have them.
_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def codes() -> tuple[str, ...]:
    """Return all country codes, sorted."""
    return _CODES


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
        _plain(wording.country_name(code, language)): code
        for language in wording.languages()
        for code in codes()
    }
    near = nearest(_plain(name), names, _ALIKE)
    return names[near] if near and len(name.strip()) > 3 else None


def _plain(name: str) -> str:
    return name.strip().lower().translate(_PLAIN)
