"""The Content-Security-Policy: what a site writes, and what grants add to it."""

import pytest

from consent.gate.csp import header, parse, widened

YOUTUBE = ("www.youtube.com", "*.ytimg.com")


def wide(base, *hosts):
    return dict(part.split(" ", 1) for part in header(widened(parse(base), hosts)).split("; "))


def test_without_a_grant_a_policy_stays_as_written():
    """
    Before a decision the browser lets through what the site's own policy names, and no more
    (GA-05).
    """
    base = "default-src 'self'; script-src 'self' https://cdn.example; upgrade-insecure-requests"

    assert header(widened(parse(base), ())) == base


def test_a_grant_adds_its_hosts_where_services_load():
    """
    The hosts of a granted service come to frames, scripts, pictures, connections, media, styles
    and fonts, and to nothing else (GA-05).
    """
    found = wide("default-src 'self'; object-src 'none'; form-action 'self'", *YOUTUBE)

    hosts = "'self' www.youtube.com *.ytimg.com"
    assert found.pop("connect-src") == f"{hosts} wss://www.youtube.com wss://*.ytimg.com"
    assert found == {
        "default-src": "'self'",
        "object-src": "'none'",
        "form-action": "'self'",
        **dict.fromkeys(
            ("script-src", "style-src", "img-src", "font-src", "media-src", "frame-src"), hosts
        ),
    }


@pytest.mark.parametrize(
    ("base", "directive", "sources"),
    [
        ("frame-src 'none'", "frame-src", "far.example"),
        ("Frame-Src 'NONE'", "frame-src", "far.example"),
        ("default-src 'none'", "frame-src", "far.example"),
        ("child-src 'self'; default-src a.example", "frame-src", "'self' far.example"),
        ("script-src-elem 'self'; script-src b.example", "script-src-elem", "'self' far.example"),
        ("style-src-elem 'self'; style-src b.example", "style-src-elem", "'self' far.example"),
        ("script-src 'nonce-a' 'strict-dynamic'", "script-src",
         "'nonce-a' 'strict-dynamic' far.example"),
        ("img-src 'self' far.example", "img-src", "'self' far.example"),
        ("img-src * data:", "img-src", "* data:"),
        ("img-src", "img-src", "far.example"),
    ],
    ids=["none", "in capitals", "none by default", "fallback", "precise script", "precise style",
         "strict-dynamic", "there already", "everything", "empty"],
)  # fmt: skip
def test_sources_are_added_as_browsers_read_them(base, directive, sources):
    """
    What is added counts: 'none' is replaced, a fallback is written out, and the directive that
    is in force is the one that grows (CSP Level 3, section 6.8.3).
    """
    assert wide(base, "far.example")[directive] == sources


def test_what_does_not_restrict_is_not_made_to():
    """
    A site that restricts only its scripts can still load pictures from anywhere after a grant.
    """
    assert set(wide("script-src 'self'", "far.example")) == {"script-src"}
    assert (
        wide("script-src-elem 'self'; script-src 'none'", "far.example")["script-src"] == "'none'"
    )


def test_a_path_stands_for_all_below_it():
    """
    A host with a path lets through the maps and not the rest of the host (CSP 3, section 6.7.2).
    """
    found = wide("frame-src 'none'", "www.google.com/maps")

    assert found["frame-src"] == "www.google.com/maps www.google.com/maps/"


def test_no_host_can_write_a_directive():
    """
    Characters that end a directive or a header are escaped in a path.
    """
    assert wide("img-src 'none'", "a.example/x;y,z/")["img-src"] == "a.example/x%3By%2Cz/"


def test_the_nonce_is_the_one_of_the_page():
    """
    Where the policy has a place for it stands the nonce of this page; without one there is none.
    """
    base = parse("script-src 'self' 'nonce-{nonce}'; style-src 'nonce-{nonce}'")

    assert header(base, "abc") == "script-src 'self' 'nonce-abc'; style-src 'nonce-abc'"
    assert header(base) == "script-src 'self'; style-src 'none'"


@pytest.mark.parametrize(
    "given",
    ["sandbox allow-scripts; report-to self", "trusted-types none default",
     "img-src self.example none.example:443 https: blob:", "require-trusted-types-for 'script'"],
)  # fmt: skip
def test_what_only_looks_like_a_mistake_is_taken(given):
    """
    Words without quotes are left alone where they are right.
    """
    assert header(parse(given)) == given


def test_a_table_is_as_good_as_a_text():
    """
    A site may write its policy as a table, with texts or lists.
    """
    table = {" default-src": "'self' data:", "img-src": ["*"], "upgrade-insecure-requests": ""}

    assert parse(table) == parse("default-src 'self' data:; img-src *; upgrade-insecure-requests;")


@pytest.mark.parametrize(
    "given",
    ["", ";", "default-src 'self', img-src *", "default_src 'self'", {"img-src": ["a b"]},
     {"img-src": ["a;script-src *"]}, {"img-src": ["a\r\nX: y"]}, "img-src *; img-src *",
     {"x y": "*"}, {"img-src": [1]}, "img-src ü.example", {"img-src": None}, {1: "*"},
     {"upgrade-insecure-requests": True}, "default-src self", "img-src 'self' NONE",
     "script-src nonce-{nonce}", "form-action 'self'; style-src unsafe-inline",
     "default-src 'self'\nimg-src *", "default-src 'self' IMG-SRC *", "img-src *; IMG-SRC *"],
    ids=repr,
)  # fmt: skip
def test_what_is_no_policy_is_refused(given):
    """
    A policy that a browser would read otherwise than it is meant does not come into use.
    """
    with pytest.raises(ValueError, match=r"^[^\r\n]+$"):
        parse(given)
