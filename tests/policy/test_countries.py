"""The countries that a policy may name."""

import re

import pytest
from babel import Locale

from consent.policy.countries import codes, country
from consent.policy.mistakes import Mistakes, Place
from consent.policy.model import EEA

#: What CLDR adds to ISO 3166: groups of countries, parts of countries, tests.
NO_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())


def test_the_codes_are_those_that_have_names():
    """
    Every country that a visitor can be told by name can be declared, and no other.
    """
    named = {code for code in Locale("en").territories if re.fullmatch("[A-Z]{2}", code)}

    assert set(codes()) == named - NO_COUNTRIES


def test_the_codes_are_sorted_and_hold_the_eea():
    """
    The members of the European Economic Area are among the countries.
    """
    assert list(codes()) == sorted(codes())
    assert set(codes()) >= EEA


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("England", "GB"),
        ("Großbritannien", "GB"),
        ("Grossbritannien", "GB"),
        ("Great Britain", "GB"),
        ("Amerika", "US"),
        ("Vereinigte Staaten von Amerika", "US"),
        ("United States of America", "US"),
        ("Weißrussland", "BY"),
        ("Holland", "NL"),
        ("Tschechei", "CZ"),
        ("Luxenburg", "LU"),
        (" oesterreich ", "AT"),
        ("Tuerkei", "TR"),
        ("Turkey", "TR"),
        ("Türkey", "TR"),
        ("Korea", "KR"),
        ("Republic of Korea", "KR"),
        ("Eire", "IE"),
        ("Espana", "ES"),
        ("Deutschlnad", "DE"),
        ("BRD", "DE"),
        ("U.S.A.", "US"),
        ("Scotland", "GB"),
        ("Mazedonien", "MK"),
        ("The Netherlands", "NL"),
        ("Oman", "OM"),
        ("Niger", "NE"),
        ("Iland", None),
        ("Slovania", None),
        ("Ausland", None),
        ("Inland", None),
        ("Festland", None),
        ("de", "DE"),
        (" Uk", "GB"),
        ("Ital", "IT"),
        ("Pru", None),
        ("", None),
        ("Bayern", None),
        ("Berlin", None),
        ("Dubai", "AE"),
        ("Schottland", "GB"),
        ("Nordirland", "GB"),
        ("Drittland", None),
        ("weltweit", None),
        ("keine", None),
        ("none", None),
    ],
)
def test_the_name_of_a_country_leads_to_no_other(name, code):
    """
    Who writes a country's name, with or without its accents, is told its code. Where it is none,
    or could be two, nobody is told that of another one.
    """
    mistakes = Mistakes()
    country().read(name, Place(mistakes))
    (found,) = mistakes.in_order_of({})

    assert found.hint == (f'"{code}"' if code else None)
