"""What stands behind a gate is inert, also for browsers that look ahead."""

from __future__ import annotations

import time

import pytest
from justhtml import JustHTML

from consent.gate.markup import unhurried


@pytest.mark.parametrize(
    "hint",
    [
        '<link rel="preload" as="image" imagesrcset="https://x.example/a 1x">',
        "<link href=https://x.example/a rel=modulepreload>",
        "<LINK REL='PREFETCH' HREF='https://x.example/a'>",
        '<link\n rel = "dns-prefetch"\n href="https://x.example">',
        '<link crossorigin rel="preconnect" href="https://x.example">',
        '<link rel="stylesheet prefetch" href="https://x.example/a">',
        '<link rel="compression-dictionary" href="https://x.example/a">',
        '<link/rel="modulepreload"href="https://x.example/a">',
    ],
)
def test_hints_are_left_out(hint):
    """
    What only makes a service faster does not wait behind a gate: it is not there (GA-02).
    """
    assert unhurried(f"<p>a</p>{hint}<p>b</p>") == "<p>a</p><p>b</p>"


@pytest.mark.parametrize(
    "markup",
    [
        '<link rel="stylesheet" href="preload.css">',
        '<link rel="icon" href="https://x.example/prefetch.png">',
        '<a rel="prefetch" href="/">x</a>',
        '<img src="a.png">',
        '<script src="https://x.example/a.js"></script>',
    ],
)
def test_everything_else_stays_as_it_is(markup):
    """
    What a service needs reaches the page as its provider wrote it.
    """
    assert unhurried(markup) == markup


@pytest.mark.parametrize("loading", ["", ' loading="eager"'])
def test_images_of_several_sizes_wait_until_they_are_seen(loading):
    """
    Firefox asks for these in advance, also in a template, unless they are lazy (GA-02).
    """
    markup = f'<picture><source srcset="a 2x"><IMG{loading} src="b"></picture>'

    assert "<img loading=lazy" in unhurried(markup)


@pytest.mark.parametrize("part", ["<link rel=", "<link  rel= x", "\n", "rel=\n", "<link "])
@pytest.mark.parametrize("end", ["", ">"])
def test_long_markup_takes_no_longer_for_it(part, end):
    """
    Markup that was written to be slow is read in a moment.
    """
    markup = "<link rel=" + part * (10_000 // len(part)) + end
    before = time.process_time()

    assert unhurried(markup) == markup
    assert time.process_time() - before < 1


@pytest.mark.parametrize("image", ["<img>", "<img/>", "<image>"])
def test_so_does_an_image_without_anything_of_its_own(image):
    """
    In a picture with sources an image needs no attribute, and has a second name (GA-02).
    """
    assert f"{image[:-1].rstrip('/')} loading=lazy" in unhurried(f"<source srcset='a 2x'>{image}")


@pytest.mark.parametrize(
    "script",
    [
        """<script>write('<link rel="preload" href="x">')</script>""",
        """<script>a = '<link rel="prefetch"' + (x => x)</script>""",
        """<SCRIPT type=module>b.innerHTML = `<img srcset="a 2x">`</SCRIPT >""",
        """<script>c = '<source srcset="a">'""",
        """<script>\nd = '<link rel="preload" href="x">'\n</script>""",
    ],
)
def test_a_script_stays_as_it_is_whatever_it_writes(script):
    """
    What looks like a hint or a picture in a script is text: once granted, it runs as written.
    """
    assert unhurried(f"<link rel=preload>{script}") == script


def test_sizes_for_a_picture_elsewhere_are_left_out():
    """
    Firefox asks in advance for what a source in a template names, if its picture stands around the
    gate (GA-02).
    """
    source = '<source media="(min-width: 9em)" srcset="https://x.example/a 2x">'

    assert unhurried(f"a{source}b{source.upper()}c") == "abc"
    assert source in unhurried(f"<picture>{source}<img></picture>")


@pytest.mark.parametrize(
    "around", ["<svg><script>{}</script></svg>", "<math><script>{}", "<ſcript>{}"]
)
def test_what_is_no_text_is_no_script(around):
    """
    In a drawing a picture in a script is one, and not every letter that looks like an s is one
    (GA-02).
    """
    markup = "<script></script>" + around.format('<img srcset="a 2x">')

    assert "<img loading=lazy" in unhurried(markup)


@pytest.mark.parametrize(
    "before",
    [
        '<img alt="<link rel=preload" src=a>',
        '<img alt="<source srcset" src=a>',
        "<p title='<link rel=prefetch '><p title='<source srcset '>",
        '<img title="<img " alt="<image>" srcset="a 2x">',
        "<textarea><link rel=preload title='</textarea>",
        "<!-- <link rel=preload a=' -->",
        "<style>/* <source srcset=' */</style>",
    ],
)
def test_what_looks_like_a_tag_in_a_text_or_a_value_takes_nothing_along(before):
    """
    A text that was made harmless stays so: a value that names a tag does not lose its end (GA-02).
    """
    markup = f"""{before}<b title=" src=x onerror=alert() y='">b</b><img srcset="a 2x">"""

    assert _read(unhurried(markup)) == _read(markup)


def _read(markup):
    """Return what *markup* is to a browser, whatever is lazy in it."""
    return JustHTML(markup.replace(" loading=lazy", ""), sanitize=False, fragment=True).to_html()


@pytest.mark.parametrize(
    ("image", "lazy"),
    [
        ('<img/srcset="a 2x">', '<img loading=lazy /srcset="a 2x">'),
        ('<img srcset="a 2x"/>', '<img loading=lazy srcset="a 2x"/>'),
        ("<source srcset='a 2x'><img/>", "<img loading=lazy />"),
    ],
)
def test_what_follows_a_slash_stays_what_it_is(image, lazy):
    """
    A tag whose parts are set apart by slashes keeps them, and is lazy.
    """
    assert unhurried(image) == lazy


@pytest.mark.parametrize(
    "around", ["<p title='<script>'>{}", "<!--<script>-->{}", "<title><script></title>{}"]
)
def test_what_looks_like_a_script_in_a_text_or_a_value_hides_nothing(around):
    """
    A picture behind a text that names a script waits like any other (GA-02).
    """
    markup = around.format('<img srcset="a 2x"><link rel=preload href=b>')

    assert unhurried(markup) == around.format('<img loading=lazy srcset="a 2x">')


def test_where_no_script_runs_a_picture_is_lazy_as_well():
    """
    What stands there for browsers without scripts is read by these alone (GA-02).
    """
    markup = '<noscript><img srcset="a 2x"></noscript><link rel=preload href=b>'

    assert unhurried(markup) == '<noscript><img loading=lazy srcset="a 2x"></noscript>'
