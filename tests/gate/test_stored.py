"""Stored HTML with embeds as editors paste them."""

import pytest

from consent.gate.stored import replace_embeds

YOUTUBE = "https://www.youtube-nocookie.com/embed/x"


def swap(html):
    return replace_embeds(html, lambda embed: f"[{embed.address}]")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f'<p>a <iframe src="{YOUTUBE}"></iframe> b</p>', f"<p>a [{YOUTUBE}] b</p>"),
        (f"<IFRAME SRC={YOUTUBE} allowfullscreen>x</IFRAME>y", f"[{YOUTUBE}]y"),
        (f"<iframe\n src='{YOUTUBE}'>a</template>b</iframe>c", f"[{YOUTUBE}]c"),
        ("<script src=//a.example/x.js></script>", "[//a.example/x.js]"),
        ("<script src=a>\r\n<!-- <script> </script> --> b</script>c", "[a]c"),
        (f"<!-- --!><iframe src={YOUTUBE}></iframe>", f"<!-- --!>[{YOUTUBE}]"),
        (f"<p><b>a</p><iframe src={YOUTUBE}></iframe>", f"<p><b>a</p>[{YOUTUBE}]"),
        (f"<table><tr><iframe src={YOUTUBE}></iframe>", f"<table><tr>[{YOUTUBE}]"),
        (f"a<iframe src={YOUTUBE}>never closed", f"a[{YOUTUBE}]"),
        ("<iframe src='a&amp;b'></iframe>", "[a&b]"),
        ("<iframe src=1></iframe>-<iframe src=2></iframe>", "[1]-[2]"),
    ],
    ids=[
        "plain",
        "capitals, no quotes",
        "closing a template inside",
        "script",
        "escaped script data",
        "comment ended the odd way",
        "unbalanced",
        "foster parented",
        "never closed",
        "entities",
        "two",
    ],
)
def test_embeds_are_found_as_a_browser_finds_them(html, expected):
    """
    What a browser would load is found, however it was pasted, and the rest stays (GA-03).
    """
    assert swap(html) == expected


@pytest.mark.parametrize(
    "html",
    [
        "",
        "plain & text < with > signs",
        "<p>Ü &amp; ü\r\n</p>",
        "<script>let a = '<iframe src=x>'</script>",
        "<iframe srcdoc='x'></iframe>",
        "<!-- <iframe src=x></iframe> -->",
        "<template><iframe src=x></iframe></template>",
        "<textarea><iframe src=x></iframe></textarea>",
        "<p title='<iframe src=x>'>",
    ],
    ids=["empty", "text", "no embed", "in a script", "no address", "comment", "template",
         "textarea", "attribute"],
)  # fmt: skip
def test_what_loads_nothing_stays_byte_for_byte(html):
    """
    HTML without an embed is not touched, not even in its mistakes.
    """
    assert swap(html) == html


def test_an_embed_may_be_left_as_it_is():
    """
    Nothing changes where the answer is None.
    """
    html = f"<p>Ü<iframe src={YOUTUBE}   width=1></iframe>"

    assert replace_embeds(html, lambda embed: None) == html


def test_an_embed_is_written_again_without_its_inside():
    """
    Nothing in an embed can close the template that it is put into.
    """
    found = []
    html = f'<iframe src="{YOUTUBE}" title="a &quot; b" allowfullscreen></template>x</iframe>'

    replace_embeds(html, found.append)

    assert found[0].markup == (
        f'<iframe src="{YOUTUBE}" title="a &quot; b" allowfullscreen=""></iframe>'
    )


def test_long_html_takes_time_in_proportion():
    """
    Ten times as much HTML takes about ten times as long, not a hundred times.
    """
    from time import process_time

    piece = f"<p>Text <b>mehr</b></p><iframe src={YOUTUBE}></iframe>"
    times = []
    for size in (500, 5000):
        start = process_time()
        swap(piece * size)
        times.append(process_time() - start)

    assert times[1] < 30 * times[0]
