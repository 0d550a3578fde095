"""Cookies that a withdrawn service left on this site."""

import pytest

from consent.gate.cookies import leftovers
from consent.policy.model import Duration, Item, Service

YEAR = Duration(1, "year")


def service(*names, embed=None, kind="cookie", domain=None):
    items = tuple(Item(name, kind, YEAR, {"": "x"}, domain) for name in names)
    return Service("a", "A", "A GmbH", "DE", ("statistics",), (), items, embed=embed)


def swept(services, *present, host="www.verband.example", kept=()):
    return list(leftovers(services, present, host, kept))


def test_every_domain_that_the_site_can_set_is_named():
    """
    A cookie may have been set for the host or any domain above it, so all are expired (WD-05).
    """
    assert swept([service("_pk_id.*")], "_pk_id.1.ab", "login") == [
        ("_pk_id.1.ab", None),
        ("_pk_id.1.ab", "www.verband.example"),
        ("_pk_id.1.ab", "verband.example"),
    ]


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_an_address_has_no_domain_above_it(host):
    """
    On an address or a single name only the host itself is named.
    """
    assert swept([service("a")], "a", host=host) == [("a", None)]


def test_embeds_keep_theirs_elsewhere():
    """
    A cookie of an embedded service lies on its provider's domain; one of the same name here is
    somebody else's.
    """
    assert swept([service("player", embed="video")], "player") == []


def test_an_embed_can_keep_some_here():
    """
    A widget that works in the page itself leaves its cookies on this site; they are expired
    like those of any script (WD-05).
    """
    assert swept([service("cart", embed="form", domain="site")], "cart") == [
        ("cart", None),
        ("cart", "www.verband.example"),
        ("cart", "verband.example"),
    ]


def test_a_script_can_keep_some_elsewhere():
    """
    What an invisible service keeps on its provider's domain is not looked for here.
    """
    assert swept([service("IDE", domain="provider")], "IDE") == []


def test_what_is_no_cookie_is_no_concern_of_the_server():
    """
    Only cookies can be expired by an answer.
    """
    assert swept([service("a", kind="local-storage")], "a") == []


def test_what_the_site_needs_stays():
    """
    A careless pattern of a service cannot take away the decision or a login.
    """
    assert swept([service("con*")], "consent", "session", kept=("consent",)) == []
