"""The countries that a policy may name."""

import re

from babel import Locale

from consent.policy.countries import codes
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
