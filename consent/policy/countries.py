"""
Countries by ISO 3166-1 alpha-2 code.

The codes are written down here, so that reading a policy does not load a whole locale; a test
holds them against Babel's. XK for Kosovo, which ISO leaves to its users, is among them: it is
what everybody uses.
"""

from __future__ import annotations

from functools import cache

from consent.policy import wording
from consent.policy.mistakes import nearest, unaccented
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
#: where the list of names has another one; in small letters without accents. "Korea" alone is
#: what its companies call the country that has them.
_OTHERWISE = {
    **dict.fromkeys(("d", "deu", "brd", "bundesrepublik deutschland"), "DE"),
    **dict.fromkeys(("a", "aut"), "AT"),
    "che": "CH",
    "el": "GR",
    **dict.fromkeys(("irl", "republic of ireland"), "IE"),
    **dict.fromkeys(("czech republic", "tschechische republik"), "CZ"),
    **dict.fromkeys(("uk", "gbr", "england", "schottland", "scotland", "wales"), "GB"),
    **dict.fromkeys(("grossbritannien", "great britain", "northern ireland", "nordirland"), "GB"),
    **dict.fromkeys(("usa", "u.s.", "u.s.a.", "amerika", "america"), "US"),
    **dict.fromkeys(("vereinigte staaten von amerika", "united states of america"), "US"),
    **dict.fromkeys(("hongkong", "hong kong"), "HK"),
    **dict.fromkeys(("korea", "republik korea", "republic of korea"), "KR"),
    **dict.fromkeys(("macedonia", "mazedonien"), "MK"),
    "turkey": "TR",
    **dict.fromkeys(("uae", "vae", "dubai"), "AE"),
    "weissrussland": "BY",
}

#: How much alike names must be, of 1: with less, "Bayern" would be Cyprus in German and "none"
#: Réunion in Italian, as nearly everything looks a little like some country in some language. What
#: begins otherwise or is like two countries is none: "Ausland" is not Russia ("Rusland").
_ALIKE = 0.82

#: With fewer letters every word is like some name.
_SHORTEST = 4


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
    word = unaccented(given.strip()).removeprefix("the ")
    if word in ("eu", "ewr", "eea"):
        return 'the member state where the seat is, such as "IE"'
    code = word.upper() if word.upper() in codes() else _OTHERWISE.get(word) or _by_name(word)
    return f'"{code}"' if code else None


def _by_name(word: str) -> str | None:
    """Return the code of the only country of such a name in any language, or None."""
    names = {
        unaccented(wording.country_name(code, language)): code
        for language in wording.languages()
        for code in codes()
    }
    if len(word) < _SHORTEST or word in names:
        return names.get(word)
    near = nearest(word, names, _ALIKE)
    if near is None or near[0] != word[0]:
        return None
    others = (name for name, code in names.items() if code != names[near])
    return None if nearest(word, others, _ALIKE) else names[near]
