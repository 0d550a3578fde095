"""Whom an address belongs to."""

import pytest

from consent.gate.hosts import Hosts
from consent.gate.owner import OWN, Owner, Owners

OWNERS = Owners(
    Hosts({"matomo": ["verein.example/matomo"], "youtube": ["www.youtube.com"]}),
    Hosts({"vimeo": ["player.vimeo.com"]}),
    "verein.example",
    ["cdn.example", "*.bilder.example"],
)


def of(address, page="https://www.verein.example/a/b?c"):
    return OWNERS.of(address, page)


@pytest.mark.parametrize(
    "address",
    [
        "/static/x.js",
        "x.js",
        "../x.js",
        "#a",
        "?q",
        "",
        "https://www.verein.example/x",
        "//verein.example/x",
        "https://bilder.verein.example/x",
        "https://cdn.example/x",
        "https://a.bilder.example/x",
        "data:image/gif;base64,R0lGODlh",
        "mailto:a@far.example",
        "https://[::1",
    ],
)
def test_the_site_is_left_alone(address):
    """
    Relative addresses, the page's host, the site's name with all below it and its own hosts are
    the site's; so is what leads nowhere.
    """
    assert of(address) == OWN


def test_on_a_page_without_a_readable_address_what_has_no_host_is_the_site_s():
    """
    A request with a host that nobody can read is answered, and what names none is the site's.
    """
    page = "https://[::1/"

    assert of("/matomo/matomo.js", page) == OWN
    assert not OWNERS.is_host(page)
    assert not OWNERS.is_of("youtube", "/embed/x")
    assert OWNERS.is_of("youtube", "https://www.youtube.com/embed/x")


@pytest.mark.parametrize("page", ["http://127.0.0.1:5000/", "http://localhost:5000/x"])
def test_another_port_is_another_host(page):
    """
    While somebody works on a site, another server on the same machine is somebody else.
    """
    host = page.split("/")[2].partition(":")[0]

    assert OWNERS.of(f"http://{host}:5001/x", page) == Owner("stranger", f"{host}:5001")
    assert OWNERS.of(f"http://{host}:5000/x", page) == OWN


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/matomo/matomo.js", "https://verein.example/"),
        ("matomo.js", "https://verein.example/matomo/index.html"),
        ("//verein.example/matomo/matomo.php", "https://www.verein.example/"),
    ],
)
def test_a_service_on_the_own_host_is_a_service(address, page):
    """
    Analytics that a site runs below its own address waits for consent all the same (GA-01).
    """
    assert of(address, page) == Owner("service", "matomo")


@pytest.mark.parametrize(
    ("address", "owner"),
    [
        ("https://www.youtube.com/embed/x", Owner("service", "youtube")),
        ("https://player.vimeo.com/video/1", Owner("known", "vimeo")),
        ("https://far.example/x", Owner("stranger", "far.example")),
        ("https://verein.example.far.example/", Owner("stranger", "verein.example.far.example")),
        ("https://far.example%0aWARNING/x", Owner("stranger", "far.example?warning")),
    ],
)
def test_everybody_else_has_a_name(address, owner):
    """
    Declared services, known ones and strangers are told apart, and no name breaks a line of the
    operator's log.
    """
    assert of(address) == owner
