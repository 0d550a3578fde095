"""Whose the cookies of a site are, and how they are taken away."""

import re

import pytest

from consent.gate.cookies import ROOM, Jar, expiries
from consent.policy.model import Duration, Item, Service

YEAR = Duration(1, "year")


def service(*names, id="a", embed=None, kind="cookie", domain=None):
    items = tuple(Item(name, kind, YEAR, {"": "x"}, domain) for name in names)
    return Service(id, "A", "A GmbH", "DE", ("statistics",), (), items, embed=embed)


def test_cookies_of_an_ungranted_service_are_left_over():
    """
    What fits a declared name or pattern goes as long as none of its services is granted (WD-05).
    """
    jar = Jar([service("_pk_id.*"), service("_ga", "_ga_*", id="b")], ())
    present = ["_pk_id.1.ab", "_ga", "_ga_X1", "login"]

    assert jar.leftovers(present, ()) == ["_pk_id.1.ab", "_ga", "_ga_X1"]
    assert jar.leftovers(present, {"a"}) == ["_ga", "_ga_X1"]
    assert jar.leftovers(present, {"a", "b"}) == []


def test_what_former_services_left_goes_unless_somebody_needs_it():
    """
    What fits a name of a service that is gone from the policy goes, but not what a service of
    today has a name for, unless that one is off itself, nor what the site needs (WD-05).
    """
    jar = Jar([service("_ga"), service("_ga_*", id="b")], ["cart*"])
    former = frozenset({("cookie", "_g*"), ("cookie", "cart_1"), ("local-storage", "login")})
    present = ["_ga", "_ga_X1", "_gid", "_gi\x7f", "cart_1", "login"]

    assert jar.leftovers(present, {"a", "b"}, former) == ["_gid"]
    assert jar.leftovers(present, {"a"}, former) == ["_ga_X1", "_gid"]
    assert jar.leftovers(present, {"a", "b"}) == []


@pytest.mark.parametrize("name", ["visit[1]", "ok?", "a(b)", "x:y", "id@web", "a/b", 'n"1', "{a}"])
def test_a_name_stands_for_itself(name):
    """
    Names of cookies are what browsers take, such as ``visit[1]`` of a program in PHP: each goes
    with its service, and only "*" stands for something else (WD-05).
    """
    jar = Jar([service(name)], ())

    assert jar.leftovers([name], ()) == [name]
    assert jar.leftovers(["visit1", "okx", "visit", "x"], ()) == []


def test_a_cookie_of_two_services_stays_with_either():
    """
    What a granted service needs is not taken away because another one uses the name too.
    """
    jar = Jar([service("_gcl_au"), service("_gcl_*", id="b")], ())

    assert jar.leftovers(["_gcl_au"], {"b"}) == []
    assert jar.services("_gcl_au") == ("a", "b")


def test_other_storage_of_one_name_keeps_no_cookie():
    """
    A granted service that has such a name in other storage does not keep another one's cookie.
    """
    jar = Jar([service("player"), service("player", id="b", kind="local-storage")], ())

    assert jar.leftovers(["player"], {"b"}) == ["player"]


@pytest.mark.parametrize(
    "other",
    [
        service("player", embed="video"),
        service("player", domain="provider"),
        service("player", kind="local-storage"),
    ],
    ids=["of an embed", "of a script", "no cookie"],
)
def test_what_the_server_cannot_reach_is_left_alone(other):
    """
    An embed's cookies lie on its provider's domain and other storage in the browser; a cookie of
    the same name here is somebody else's.
    """
    assert Jar([other], ()).leftovers(["player"], ()) == []


def test_an_embed_can_keep_some_here():
    """
    A widget that works in the page itself leaves its cookies on this site; they go like those of
    any script (WD-05).
    """
    jar = Jar([service("cart", embed="form", domain="site")], ())

    assert jar.leftovers(["cart"], ()) == ["cart"]


def test_what_the_site_needs_stays():
    """
    A careless pattern of a service cannot take away the decision or a login.
    """
    jar = Jar([service("con*")], ["consent", "session*"])

    assert jar.leftovers(["consent", "session_id"], ()) == []
    assert jar.is_needed("session_id")
    assert not jar.is_needed("consentx")


@pytest.mark.parametrize("name", ["_ga\x7f", "_ga ü", "_ga;"])
def test_a_name_that_no_answer_can_have_is_left_alone(name):
    """
    A cookie with an impossible name cannot turn a page into an error.
    """
    assert Jar([service("_ga*")], ()).leftovers([name], ()) == []


def test_letters_of_another_size_are_another_cookie():
    """
    Names of cookies are compared exactly, as browsers do.
    """
    assert Jar([service("_GA")], ()).leftovers(["_ga"], ()) == []


def test_every_place_that_it_may_lie_in_is_named():
    """
    A cookie may have been set for the host or any domain above it, and for any path above the
    page, so all of them are expired, the usual ones first (WD-05).
    """
    assert list(expiries(["a"], "www.verband.example", "/b/c/", secure=False)) == [
        f"a=; Max-Age=0; Path={path}{domain}"
        for path in ("/", "/b", "/b/", "/b/c", "/b/c/")
        for domain in ("", "; Domain=www.verband.example", "; Domain=verband.example")
    ]


def test_what_is_kept_for_this_site_alone_is_named_as_well():
    """
    Over HTTPS a cookie may also lie in the part of a browser's jar that is for this site alone: in
    either it expires, for the usual path of all names first (WD-05).
    """
    assert list(expiries(["a", "b"], "localhost", "/c", secure=True)) == [
        f"{name}=; Max-Age=0; Path={path}; Secure{part}"
        for path, part in (("/", ""), ("/", "; Partitioned"), ("/c", ""), ("/c", "; Partitioned"))
        for name in ("a", "b")
    ]


@pytest.mark.parametrize("parent", ["verein.xn--e1a4c", "xn--bcher-kva.example", "intern.my_net"])
def test_a_name_may_be_written_in_any_way(parent):
    """
    A domain ends in letters of another script, as Bulgarian and Greek ones do, or has an underscore
    as in a network of one's own: what lies on it goes as well (WD-05).
    """
    found = "\n".join(expiries(["a"], f"www.{parent}", "/", secure=False))

    assert re.findall(r"Domain=(.*)", found) == [f"www.{parent}", parent]


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "a..b", "ü b.example"])
def test_an_address_has_no_domain_above_it(host):
    """
    On an address or a single name only the host itself is named.
    """
    assert list(expiries(["a"], host, "/", secure=False)) == ["a=; Max-Age=0; Path=/"]


def size(found) -> int:
    """Return how many bytes of an answer's headers these expiries are."""
    return sum(len(f"Set-Cookie: {one}\r\n") for one in found)


def test_an_answer_stays_small():
    """
    Many cookies on a deep page do not make an answer that a proxy refuses, as nginx does beyond
    4 kB of all its headers; each has its usual place named first.
    """
    names = ["a", "b", "c", "d"]

    found = list(expiries(names, "www.verband.example", "/1/2/3/4/5/6/7", secure=True))

    assert 0.9 * ROOM < size(found) <= ROOM
    assert {one[0] for one in found if "Path=/;" in one} == set(names)


def test_an_answer_stays_small_on_a_page_with_a_long_path():
    """
    However long the path of a page is, what expires fits into the headers of an answer.
    """
    found = list(expiries(["a", "b"], "www.verband.example", "/ü" + "a" * 5000, secure=True))

    assert all("Path=/;" in one for one in found)
    assert len(found) == 12
    assert size(found) <= ROOM
