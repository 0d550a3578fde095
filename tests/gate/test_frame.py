"""How large an embed will be, as its markup says."""

import time

import pytest

from consent.gate.frame import Frame, is_poster, look


@pytest.mark.parametrize(
    ("markup", "frame"),
    [
        ('<iframe width="560" height="315">', Frame("564", "319")),
        ('<iframe width="560" height="315" frameborder="0">', Frame("560", "315")),
        ("<iframe width=560px height='315.5' style=border:none>", Frame("560", "315")),
        ('<iframe style="border-width:0px" width=1 height=2>', Frame("1", "2")),
        ('<iframe style="border:0" frameborder=1 width=1 height=2>', Frame("1", "2")),
        ('<iframe frameborder="1" width=1 height=2>', Frame("5", "6")),
        ('<p>x</p><div><IFRAME\nWIDTH="560" HEIGHT="315"></div>', Frame("564", "319")),
        ('<iframe width="100%" height="166">', Frame("100%", "170")),
        ('<iframe height="166" frameborder=no>', Frame("300", "166")),
        ('<iframe width="400" frameborder=0>', Frame("400", "150")),
        ('<iframe style="width: 80%; height: 400px" width="1">', Frame("100%", "404")),
        ('<object width="560" height="315">', Frame("560", "315")),
        ('<iframe style="aspect-ratio: 16 / 9; width: 100%">', Frame("100%", box="16 9")),
        ('<iframe style="aspect-ratio:1.5" width="300">', Frame("300", box="1.5 1")),
        ('<embed style="aspect-ratio:1" height="150" width="300">', Frame("300", "150")),
        ('<video width="640" height="360">', Frame("640", box="640 360")),
        ('<img src="a>b" width="640" height="360">', Frame("640", box="640 360")),
        ('<iframe style="position:absolute;width:100%;height:100%">', Frame(covers=True)),
        ('<iframe width="100%" height="100%">', None),
        ('<iframe width="auto" height="0">', None),
        ("<iframe width=12345 height=é>", None),
        ('<img width="640">', None),
        ("<iframe>", None),
        ("<script width=1 height=1></script>", None),
        ("", None),
    ],
)
def test_the_size_is_what_a_browser_would_make_of_it(markup, frame):
    """
    Attributes count, a ``style`` before them; pictures and films keep their ratio, frames their
    height, and what cannot be known is not guessed.
    """
    assert look(markup).frame == frame


def test_the_size_cannot_bring_markup_along():
    """
    What is no length is none, so nothing of a pasted attribute reaches the page.
    """
    frame = look("""<iframe width='1"><script>' height='2' style='aspect-ratio:1/1">'>""").frame

    assert frame == Frame("304", "6")


def test_stored_markup_can_name_its_poster():
    """
    The address is read as a browser reads attributes.
    """
    assert look('<iframe data-consent-poster="/a?b=1&amp;c=2">').poster == "/a?b=1&c=2"


@pytest.mark.parametrize(
    ("markup", "address"),
    [
        ('<iframe src="https://far.example/a?b=1&amp;c=2">', "https://far.example/a?b=1&c=2"),
        ("<p>x</p><video src=//far.example/film.mp4>", "https://far.example/film.mp4"),
        ('<object data=" HTTPS://far.example/a ">', "https://far.example/a"),
        ('<iframe src="http://far.example/a">', ""),
        ('<iframe src="/film">', ""),
        ('<iframe src="javascript:alert(1)//x">', ""),
        ('<iframe src="https:///">', ""),
        ('<script src="https://far.example/a.js"></script>', ""),
        ("<iframe>", ""),
    ],
)
def test_where_an_embed_is(markup, address):
    """
    It is told for a link, so nothing counts that is not on https.
    """
    assert look(markup).address == address


@pytest.mark.parametrize(
    "address", ["/", "/static/film.jpg?v=1", "/Bilder/Fest%20am%20See.jpg", "/ä"]
)
def test_a_path_of_the_site_is_a_poster(address):
    """
    Whatever host the page has, such an address is on it.
    """
    assert is_poster(address)


@pytest.mark.parametrize(
    "address",
    [
        "//far.example/a.jpg",
        "/\\far.example/a.jpg",
        "/\t/far.example/a.jpg",
        "/\n/far.example",
        "https://far.example/a.jpg",
        "data:image/png,x",
        "a.jpg",
        "\\\\far.example",
        " /a.jpg",
        '/a"onload=x',
        "",
        7,
        None,
    ],
)
def test_nothing_else_is(address):
    """
    What a browser may fetch from somebody else before consent is no poster, in any spelling.
    """
    assert not is_poster(address)


@pytest.mark.parametrize("letter", ["a", "-", "a ", "a: "])
def test_a_long_style_takes_no_longer_for_it(letter):
    """
    A style that was written to be slow is read in a moment.
    """
    before = time.process_time()

    assert look(f'<iframe src="https://x.example/" style="{letter * 50_000}"></iframe>').address
    assert time.process_time() - before < 1
