"""Who sent a request, and where it may be sent back to."""

import re
from pathlib import Path

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from consent.web.origin import LONGEST, came_from, home, return_path, same_origin


def request(headers, base_url="https://site.example"):
    return Request(EnvironBuilder(method="POST", base_url=base_url, headers=headers).get_environ())


@pytest.mark.parametrize(
    ("headers", "accepted"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://site.example"}, False),
        ({"Sec-Fetch-Site": ""}, False),
        ({"Origin": "https://site.example"}, True),
        ({"Origin": "https://SITE.example:443"}, True),
        ({"Origin": "http://site.example"}, True),
        ({"Origin": "https://site.example:8443"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "https://site.example.evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "ftp://site.example"}, False),
        ({"Origin": "https://[::1"}, False),
        ({"Origin": ""}, False),
        ({}, False),
    ],
)
def test_only_the_own_pages_may_decide(headers, accepted):
    """
    A decision counts only if it came from the site's own pages (SE-04, SE-05).
    """
    assert same_origin(request(headers)) is accepted


def test_a_port_is_part_of_the_origin():
    """
    Another port of the same host is another site.
    """
    own = "http://127.0.0.1:5000"

    assert same_origin(request({"Origin": own}, own))
    assert not same_origin(request({"Origin": "http://127.0.0.1:5001"}, own))


@pytest.mark.parametrize("seen", ["https://site.example:80", "http://site.example:443"])
def test_a_proxy_may_hand_on_its_own_port(seen):
    """
    Behind a proxy that adds the port of one of its sides to the host, older browsers can decide.
    """
    assert same_origin(request({"Origin": "https://site.example"}, seen))
    assert not same_origin(request({"Origin": "https://site.example:8443"}, seen))


@pytest.mark.parametrize(
    ("host", "origin", "accepted"),
    [
        ("my_site:5000", "http://my_site:5000", True),
        ("my_site:80", "http://my_site", True),
        ("My_Site", "http://my_site", True),
        ("my_site:5000", "http://my_site", False),
        ("my_site", "http://my_site.evil.example", False),
        ("my_site/x", "http://my_site", False),
        ("my_site@evil.example", "http://my_site@evil.example", False),
        ("", "http://", False),
    ],
)
def test_a_host_may_have_an_underscore(host, origin, accepted):
    """
    Where a site is reached under a name such as those of containers, over HTTP, where browsers
    send nothing but the origin, its own pages may decide (SE-04).
    """
    sent = request({"Origin": origin}, "http://site.example")
    sent.environ["HTTP_HOST"] = host

    assert same_origin(sent) is accepted


@pytest.mark.parametrize(
    "path",
    ["/", "/a/b?c=d&e=%20", "/a//b", "/%5Cevil.example", "/.//x", "/?" + "a" * (LONGEST - 6)],
)
def test_a_path_of_this_site_is_kept(path):
    """
    After deciding, visitors are where they were.
    """
    assert return_path(path, "/home") == path


@pytest.mark.parametrize(
    "query", ["a" * (LONGEST - 5), "%20" * (LONGEST // 5), "&" * (LONGEST // 2 - 5)]
)
def test_a_query_that_a_form_has_no_room_for_is_left_out(query):
    """
    After deciding on a page with a very long query, visitors are on that page without it.
    """
    assert return_path(f"/?{query}", "/home") == "/"


def test_the_start_page_of_a_site_below_another_is_its_own():
    """
    A site that is not alone on its host leads to its own first page, as addresses spell that.
    """
    assert home(request({}, "https://site.example/über uns")) == "/%C3%BCber%20uns/"


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "a",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: x=1",
        "/a b",
        "/\t/evil.example",
        "/ü",
        "/a\\..\\b",
        "/" + "a" * 2048,
    ],
)
def test_any_other_place_becomes_the_start_page(path):
    """
    A prepared link cannot send a visitor to another site after deciding (SE-06).
    """
    assert return_path(path, "/home") == "/home"


@pytest.mark.parametrize(
    ("referrer", "path"),
    [
        ("https://site.example/a?b", "/a?b"),
        ("https://site.example/a", "/a"),
        ("https://evil.example/a", "/"),
        ("https://[::1", "/"),
        ("", "/"),
    ],
)
def test_who_comes_from_elsewhere_is_led_to_the_start_page(referrer, path):
    """
    The settings lead back to a page of this site, whatever is said of where somebody came from.
    """
    assert came_from(request({"Referer": referrer})) == path


@pytest.mark.parametrize(
    "referrer", ["https://[::1", "ftp:/a", "", "https:", "https://site.example/a"]
)
@pytest.mark.parametrize("host", ["[::1", "a:b", "site.example@evil.example:x", ""])
def test_a_site_without_a_name_knows_no_page_as_its_own(host, referrer):
    """
    Where neither the host nor the address of the last page can be read they are not the same, and
    that is no error (SE-06).
    """
    assert came_from(request({"Referer": referrer, "Host": host})) == "/"
    assert not same_origin(request({"Origin": referrer, "Host": host}))


def test_a_site_can_decide_in_its_own_tests(app):
    """
    What the docs say for the tests of a site works over plain HTTP, with a client as Flask has it.
    """
    client = app.test_client()
    docs = Path(__file__).parents[2] / "docs" / "browser.md"
    example = docs.read_text(encoding="utf-8").partition("## Your own tests")[2]
    call = example.partition("```python\n")[2].partition("```")[0]
    answer = eval(call.strip(), {"client": client, "re": re})

    assert answer.status_code == 303
    assert 'data-consent="' not in client.get("/").text
