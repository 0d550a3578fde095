"""What services keep on a site beside cookies, and what of it has to go."""

import pytest

from consent.gate.storage import SITE, Storage
from consent.policy.model import Item
from tests.gate.test_cookies import YEAR, service


def local(*names, **more):
    return service(*names, kind="local-storage", **more)


def test_what_an_ungranted_service_keeps_is_named_by_kind():
    """
    Everything but cookies is left to the browser side, under its declared name (WD-05).
    """
    storage = Storage(
        [local("a.*"), service("c", id="b"), service("/w.js", id="d", kind="service-worker")],
        (),
        (),
    )

    assert storage.holders == {"a", "d"}
    assert storage.leftovers({"a", "b"}) == [("local-storage", "a.*")]
    assert storage.leftovers({"d"}) == [("service-worker", "/w.js")]
    assert storage.leftovers(()) == []


def test_what_another_service_needs_is_named_as_well():
    """
    A key of two services stays with either, and what might fit both is told.
    """
    storage = Storage([local("_gcl_*"), local("_gcl_ls", "other", id="b")], (), ())

    assert storage.leftovers({"a"}) == [("local-storage", "_gcl_*", "_gcl_ls")]
    assert storage.leftovers({"b"})[0] == ("local-storage", "_gcl_ls", "_gcl_*")
    assert storage.leftovers({"b"})[1] == ("local-storage", "other")
    assert storage.leftovers({"a", "b"})[0] == ("local-storage", "_gcl_*")


def test_what_the_site_needs_stays_whatever_a_service_says():
    """
    A pattern as wide as it can be does not reach what is essential.
    """
    own = Item("cart", "local-storage", YEAR, {"": "x"})
    storage = Storage([local("*")], ("consent",), [own])

    assert storage.leftovers({"a"}) == [("local-storage", "*", "cart")]
    assert storage.table[1:] == [("", "cookie", "consent"), ("", "local-storage", "cart")]


def test_what_former_services_left_is_named_with_what_stays():
    """
    So is what services left that are gone from the policy, with all that may fit the same and is
    somebody's today; cookies only where the server does not see to them (WD-05).
    """
    own = Item("a.cart", "local-storage", YEAR, {"": "x"})
    storage = Storage([local("a.b"), local("c", id="b")], ("a.own",), [own])
    former = frozenset({("local-storage", "a.*"), ("cookie", "a*")})

    assert storage.leftovers((), former) == [("local-storage", "a.*", "a.b", "a.cart")]
    assert storage.leftovers({"b"}, former)[0] == ("local-storage", "c")
    assert storage.leftovers({"b"}, former)[1] == ("local-storage", "a.*", "a.b", "a.cart")
    assert storage.leftovers({"a"}, former)[1] == ("local-storage", "a.*", "a.cart")
    assert storage.leftovers((), former, cookies=True)[0] == ("cookie", "a*", "a.own")


@pytest.mark.parametrize(
    ("kind", "name", "owners"),
    [
        ("local-storage", "a.x", {"a"}),
        ("local-storage", "a.cart", {"a", SITE}),
        ("local-storage", "b[1]", {"b"}),
        ("local-storage", "b1", set()),
        ("local-storage", "c?", {"c"}),
        ("local-storage", "cx", set()),
        ("session-storage", "a.x", set()),
        ("cookie", "own", {SITE}),
    ],
)
def test_whose_an_entry_may_be(kind, name, owners):
    """
    A name belongs to whoever declared it or a pattern that it fits, of its own kind alone; a name
    with brackets or a question mark is no pattern.
    """
    own = Item("a.cart", "local-storage", YEAR, {"": "x"})
    services = [local("a.*"), local("b[1]", id="b"), local("c?", id="c")]
    storage = Storage(services, ("own",), [own])

    assert storage.owners(kind, name) == owners


@pytest.mark.parametrize("domain", [None, "provider"])
def test_what_lies_at_the_provider_is_not_looked_for(domain):
    """
    A site cannot reach what an embed keeps on its provider's domain.
    """
    storage = Storage([local("yt-*", embed="video", domain=domain)], (), ())

    assert storage.table == []
    assert storage.leftovers({"a"}) == []
