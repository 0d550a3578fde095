"""Stored HTML: what loads in it, found in its place."""

import re

import pytest

from consent.gate.carried import ANYTHING
from consent.gate.loads import loads
from consent.gate.markup import CLOSING, opening
from consent.gate.source import live, readings
from consent.gate.stored import DEEPEST, asleep, embeds

FAR = "https://far.example/x"


def swap(html):
    """Put the addresses of each embed in its place."""
    pieces, position = [], 0
    for embed in embeds(html):
        if embed.start >= position:
            addresses = ",".join(load.address for load in embed.loads)
            pieces += [html[position : embed.start], f"[{addresses}]"]
            position = embed.end
    return "".join([*pieces, html[position:]])


def hold(html):
    """Hold everything in templates."""
    pieces, position = [], 0
    for embed in embeds(html):
        if embed.start >= position:
            held = opening("far") + embed.markup + CLOSING if embed.markup else ""
            pieces += [html[position : embed.start], held]
            position = embed.end
    return "".join([*pieces, html[position:]])


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f'<p>a <iframe src="{FAR}"></iframe> b</p>', f"<p>a [{FAR}] b</p>"),
        (f"<IFRAME SRC={FAR} allowfullscreen>x</IFRAME>y", f"[{FAR}]y"),
        (f"<iframe\n src='{FAR}'>a</template>b</iframe>c", f"[{FAR}]c"),
        ("<script src=//a.example/x.js></script>", "[//a.example/x.js]"),
        ("<script src=//a.example>\r\n<!-- <script> </script> --> b</script>c", "[//a.example]c"),
        (f"<!-- --!><iframe src={FAR}></iframe>", f"<!-- --!>[{FAR}]"),
        (f"<p><b>a</p><iframe src={FAR}></iframe>", f"<p><b>a</p>[{FAR}]"),
        (f"<table><tr><iframe src={FAR}></iframe>", f"<table><tr>[{FAR}]"),
        (f"<select><option><img src={FAR}></select>", f"<select><option>[{FAR}]</select>"),
        (f"a<iframe src={FAR}>never closed", f"a[{FAR}]"),
        ("<iframe src='//a.example/?a&amp;b'></iframe>", "[//a.example/?a&b]"),
        ("<iframe src='&#104;ttps&colon;&sol;&sol;a.example'></iframe>", "[https://a.example]"),
        ("<iframe src=//a.example/1></iframe>-<iframe src=//a.example/2></iframe>",
         "[//a.example/1]-[//a.example/2]"),
        (f"\ufeff<img src={FAR}>", f"\ufeff[{FAR}]"),
        (f"😀\r\n\0<img src={FAR}>", f"😀\r\n\0[{FAR}]"),
        (f"<object data={FAR}><!-- </object> --></object>a", f"[{FAR}]a"),
        (f"<p style='color: red; background: url({FAR})' id=a>b</p>", f"<p[{FAR}] id=a>b</p>"),
        (f"<a ping={FAR} href=/>b</a>", f"<a[{FAR}] href=/>b</a>"),
        (f"<a ping={FAR} style='background:url(/a)'>b</a>", f"<a[{FAR}][/a]>b</a>"),
        (f"<noscript>a <img src={FAR}> b</noscript>", f"<noscript>a [{FAR}] b</noscript>"),
        (f"<img src={FAR}><noscript id='a", f"[{FAR}]<noscript id='a"),
        (f"a<body background={FAR}>b", f"a<body[{FAR}]>b"),
        (f"<p>a<body background={FAR}>b", f"<p>a<body[{FAR}]>b"),
        (f"<input type=image src={FAR} alt=a>", f"<input type=image[{FAR}] alt=a>"),
        (f"<svg><image href={FAR} /></svg>a", f"[{FAR}]a"),
        (f"<svg><image href={FAR} />", f"<svg><image[{FAR}] />"),
        (f"<body style='background:url({FAR})' =>a", f"<body[{FAR}] =>a"),
        (f"<link rel=tag rel=preload href={FAR}>", f"<link rel=tag[{FAR}] href={FAR}>"),
        (f"<video poster poster={FAR}></video>", f"<video poster[{FAR}]></video>"),
        (f"<img src src={FAR}>", f"<img src[{FAR}]>"),
        (f"<script src src={FAR}></script>", f"<script src[{FAR}]></script>"),
        (f"<input type=image src src={FAR}>", f"<input type=image src[{FAR}]>"),
        (f"<source srcset srcset={FAR}>", f"<source srcset[{FAR}]>"),
        (f"<link href={FAR} rel=tag rel=preload>", f"<link href={FAR} rel=tag[{FAR}]>"),
        (f"a<HTML/style='background:url({FAR})'>b", f"a<HTML[{FAR}]>b"),
        (f"a<body onload=\"import('{FAR}')\">b", f"a<body[{FAR}]>b"),
        (f"a<body data-bg={FAR}>b", f"a<body[{FAR}]>b"),
    ],
    ids=["plain", "capitals, no quotes", "closing a template inside", "script",
         "escaped script data", "comment ended the odd way", "unbalanced", "foster parented",
         "in a select", "never closed", "entities", "all of it in entities", "two",
         "byte order mark", "odd characters", "end tag in a comment", "style", "ping",
         "ping and style", "noscript", "cut off noscript", "second body", "body inside",
         "image button", "svg", "open svg", "odd sign", "two relations", "empty first",
         "second picture", "second script", "second button", "second source", "second relation",
         "second root", "second handler", "second lazy one"],
)  # fmt: skip
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
        f"<p>See <a href='{FAR}'>there</a></p>",
        f"<!-- <iframe src={FAR}></iframe> -->",
        f"<template><iframe src={FAR}></iframe></template>",
        f"<textarea><iframe src={FAR}></iframe></textarea>",
        f"<p title='<iframe src={FAR}>'>",
        f"<plaintext><img src={FAR}>",
        f"<!--[if mso]><body background={FAR}><![endif]-->",
        f"<textarea>\n<html style='background:url({FAR})'></textarea>",
        f"<template>a<body background={FAR}>b</template>",
        f"<template><p><template shadowrootmode=open><img src={FAR}></template></p></template>",
    ],
    ids=["empty", "text", "no embed", "link", "comment", "template", "textarea", "attribute",
         "plaintext", "body in a comment", "html in a text", "body in a template",
         "shadow root in a template"],
)  # fmt: skip
def test_what_loads_nothing_stays_byte_for_byte(html):
    """
    HTML without an embed is not touched, not even in its mistakes.
    """
    assert embeds(html) == ()


@pytest.mark.parametrize(
    "html",
    [
        f"<svg><script src={FAR}></script>",
        f"<svg><template><img src={FAR}></template></svg>",
        f"<svg><title><img src={FAR}></title></svg>",
        f"<svg><style><img src={FAR}></style></svg>",
        f"<math><mtext><mglyph><style><img src={FAR}></style></mglyph></mtext></math>",
        f"<math><annotation-xml encoding=text/html><svg></p><img src={FAR}></math>",
        f"<svg></p><iframe src={FAR}></iframe><image href={FAR}>",
        f"<svg><desc><template></desc><image href={FAR} /></template></svg>",
        f"<object data={FAR}></template><img src={FAR}></object>",
        f"<object data={FAR}><template></object><img src={FAR}>",
        f"<object data={FAR}><p title='</object>'><img src={FAR}></object>",
        f"<video src={FAR}><!-- </video><img src={FAR}> --></video>",
        f"<video src={FAR}><iframe></video></template><img src={FAR}></iframe></video>",
        f"<script src={FAR}><!-- <script> </script></template><img src={FAR}>",
        f"<script>a='{FAR}'<!-- <script> </script></template><img src={FAR}>",
        f"<style>@import '{FAR}';</template></style><img src={FAR}>",
        f"<style>@import '{FAR}';</template><img src={FAR}>",
        f"<noscript><img src={FAR} alt='</noscript><img src={FAR}>'></noscript>",
        f"<noscript><template></noscript><img src={FAR}></template>",
        f"<form action={FAR}></template><img src={FAR}></form>",
        f"<form action={FAR}><table><form></form><img src={FAR}></table></form>",
        f"<a><table><a><img src={FAR}></table></a><iframe src={FAR}>",
        f"<b><p><img src={FAR}></b><picture><source srcset={FAR}></p><img src={FAR}>",
        f"</template></template><img src={FAR}>",
        f"<template></template></template><img src={FAR}>",
        f"<div><template shadowrootmode=open></template><img src={FAR}></div>",
        f"<?marker name=a><template for=a><img src={FAR}></template><img src={FAR}>",
        f"<template for=a data-consent=matomo><video poster={FAR}></video></template>",
        f"<img src={FAR} src={FAR} x='></template>'>",
        f"<img x='\"' y=\"'\" src={FAR}><img x=`>` src={FAR}>",
        f"<body background={FAR}><html onload=\"i.src='{FAR}'\"><body BACKGROUND={FAR}>",
        f"<iframe src={FAR}></iframe/></template><img src={FAR}>",
        f"<iframe src={FAR}></iframe\x0cx></template><img src={FAR}>",
        f"<select><template></select><img src={FAR}></template>",
        f"<frameset><frame src={FAR}></frameset><img src={FAR}>",
        f"<math><video poster={FAR}></math><xmp></xmp><img src={FAR}>",
        f"<svg><image><![CDATA[--><a href=x><video poster={FAR}>",
        f"<template shadowrootmode=open> <![CDATA[</video><td background={FAR}>--><title>",
    ],
)
def test_nothing_leaves_a_template_early(html):
    """
    HTML that was broken on purpose cannot close what holds it: nothing loads outside a
    template, and holding it again changes nothing (GA-02, SE-10).
    """
    held = hold(html)

    assert [load for element in live(held) for load in loads(element)] == []
    assert hold(held) == held


@pytest.mark.parametrize(
    "html",
    [
        f'<p>text</p><iframe src="{FAR}" ',
        f'<p>text</p><iframe src="{FAR}',
        f"<p>text</p><iframe src='{FAR}' title='a",
        f"<p>text</p><img src={FAR}",
    ],
)
def test_a_tag_that_was_cut_off_is_not_completed_by_the_page(html):
    """
    An excerpt that ends within a tag loads nothing with what follows it in the page.
    """
    assert hold(html) == "<p>text</p>"


@pytest.mark.parametrize(
    "html",
    [
        f"<svg><title><!--</title><img src={FAR}>--></title></svg>",
        f"<svg><style><a title='</style><img src={FAR}>'>x</a></style></svg>",
        f"<math><xmp><!--</xmp><img src={FAR}>--></xmp></math>",
        f"<svg><title><video poster={FAR} id='</title></video></template><img src={FAR}>'></svg>",
    ],
)
def test_browsers_that_look_ahead_find_nothing(html):
    """
    Chromium looks ahead in the source for what to fetch, and reads SVG as if it were HTML (GA-02).
    """
    assert any(load for element in readings(html) for load in loads(element))

    assert not any(load for element in readings(hold(html)) for load in loads(element))


def test_deep_inside_nothing_is_held():
    """
    Chromium puts what is in a template behind it, below 512 elements: there attributes are taken
    out instead (GA-02).
    """
    html = f"<img src={FAR}>".join(["<div>" * (DEEPEST - 1), "<p><b>", ""])

    assert CLOSING in hold(html)
    assert hold(html).endswith("<p><b><img>")


def test_noscript_in_noscript_is_no_endless_task():
    """
    However many stand in each other, nothing of them loads and no page fails.
    """
    html = "<noscript>" * 2000 + f"<img src={FAR}>"

    assert hold(html) == "<noscript>"


@pytest.mark.parametrize(
    "html",
    [
        f"<noscript><!-- </noscript><xmp> --><img src={FAR}></xmp>",
        f"<noscript><math><annotation-xml></noscript><style><img src={FAR}></style>",
        f"<noscript><a title='</noscript><a title=\"'><img src={FAR}>\"></a>",
    ],
)
def test_without_scripts_nothing_loads_either(html):
    """
    A browser whose scripts are off reads what follows a broken noscript another way (GA-02).
    """
    assert any(loads(element) for element in live(html, is_scripted=False))

    held = hold(html)

    assert [load for one in live(held, is_scripted=False) for load in loads(one)] == []


def test_a_noscript_that_browsers_end_elsewhere_is_emptied():
    """
    Where scripts are off, Chromium does not end a noscript within annotation-xml and loads the
    picture; our parser does, and sees none (GA-02).
    """
    html = "<noscript><math><annotation-xml></noscript><style><img src=//far.example/x></style>"

    assert hold(html).startswith("<noscript></noscript><style>")


def test_a_picture_of_the_site_in_noscript_is_no_reason_to_leave_out_a_text():
    """
    Lazy loaders have their picture a second time for browsers whose scripts are off.
    """
    html = f"<img src=/a.png><noscript><img src=/a.png></noscript><img src={FAR}>"

    assert swap(html) == f"[/a.png]<noscript>[/a.png]</noscript>[{FAR}]"


def test_a_script_keeps_its_text_and_a_frame_does_not():
    """
    What an inline script says is held as it was; the inside of a frame is of no use to anybody.
    """
    script, frame = f"<script>a('{FAR}')</script>", f"<iframe src='{FAR}' title=a>b</iframe>"

    held = [embed.markup for embed in embeds(script + frame)]

    assert held == [script, f"<iframe src='{FAR}' title=a></iframe>"]
    assert [embed.markup for embed in embeds(script.removesuffix("</script>"))] == [script]


def test_what_stands_within_a_template_of_the_page_is_left_to_it():
    """
    A part that is gated already is inert, so nothing is done to it a second time.
    """
    html = opening("far") + f"<iframe src={FAR}></iframe>" + CLOSING

    assert embeds(html) == ()


PIECES = {
    "usual": f"<p>{'Ein langer Satz, der etwas sagt. ' * 9}<b>mehr</b> &amp; mehr.</p>" * 20
    + f"<iframe src={FAR}></iframe>",
    "unclosed": f"<p><video src={FAR}></p>",
    "nested": f"<object data={FAR}>",
    "table": f"<table><img src={FAR}>",
    "quotes": '<img src="',
    "comments": f"<!--<img src={FAR}>",
    "attributes": f"<img{f' src={FAR}' * 40}>",
    "bodies": f"<body a={FAR} ",
    "bodies in values": f"<body a={FAR} b=<html c=",
    "quoted": f"<html a='{FAR} ",
    "texts within texts": f"<iframe src='data:text/xml,{'<!--<!doctype <?xml ' * 60}'></iframe>",
}


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_long_html_takes_time_in_proportion(piece):
    """
    Four times as much HTML takes about four times as long, whatever is in it.
    """
    from gc import collect
    from time import process_time

    from consent.gate.stored import _find

    times = []
    for size in (10_000, 40_000):
        html = (piece * (size // len(piece) + 1))[:size]
        collect()
        start = process_time()
        _find(html)
        times.append(process_time() - start)

    assert times[1] < 8 * max(times[0], 0.005)


@pytest.mark.slow
def test_a_long_set_of_pictures_takes_time_in_proportion():
    """
    Nobody can hold up a page with thousands of commas between two addresses.
    """
    from time import process_time

    from consent.gate.stored import _find

    times = []
    for number in (500, 2_000):
        start = process_time()
        _find(f"<img srcset='{FAR} {',' * number}'>")
        times.append(process_time() - start)

    assert times[1] < 8 * max(times[0], 0.005)


def test_a_long_name_of_an_attribute_is_read_in_a_moment():
    """
    Nobody can hold up a page with a name that tells of backgrounds again and again.
    """
    from time import process_time

    start = process_time()
    found = embeds(f"<p style=a data-{'bg-' * 20_000}!={FAR}>")

    assert process_time() - start < 5
    assert found == ()


def test_a_megabyte_takes_time_in_proportion():
    """
    A text of a megabyte takes about four times as long as a quarter of it, never sixteen times.
    """
    from gc import collect
    from time import process_time

    from consent.gate.stored import _find

    def took(size: int) -> float:
        html = PIECES["usual"] * (size // len(PIECES["usual"]))
        collect()
        start = process_time()
        assert len(_find(html)) == html.count("<iframe")
        return process_time() - start

    quarter = min(took(250_000) for _ in range(3))

    assert took(1_000_000) < 8 * quarter


@pytest.mark.parametrize("stray", ["<", '<"', "< 1 ", "<&lt;"])
@pytest.mark.parametrize("around", ["", "template"])
def test_signs_without_number_hold_nobody_up(stray, around):
    """
    Text of nothing but signs that begin no tag is not read, which would take minutes: where it is
    and something loads, all of it is left out.
    """
    from time import process_time

    html = f"<iframe src={FAR}></iframe><{around}>{stray * 200_000}"
    start = process_time()
    found = embeds(html)
    inert = asleep(html)

    assert process_time() - start < 5
    assert [(one.start, one.end, one.markup) for one in found] == [(0, len(html), "")]
    assert [load.address for load in inert] == [ANYTHING] * bool(around)


def test_what_sleeps_is_what_stands_in_a_template():
    """
    Templates of the HTML itself are known in any letters, and nothing beside them sleeps.
    """
    html = f"<TEMPLATE><img src={FAR}></TEMPLATE>"

    assert [load.address for load in asleep(f"{html}<img src=//other.example>")] == [FAR]


def test_a_text_with_many_comparisons_is_shown():
    """
    A long text with a sign in each of its lines is read like any other.
    """
    text = "<p>" + "2 < 3, und 3 < 4.<br>" * 2_000
    html = f"{text}<iframe src={FAR}></iframe>"

    assert swap(html) == f"{text}[{FAR}]"


def test_a_text_is_parsed_once(monkeypatch):
    """
    Pages are shown again and again; what was found in a text is remembered.
    """
    html = f"<p>once</p><iframe src={FAR}></iframe>"
    before = embeds(html)
    monkeypatch.setattr("consent.gate.stored._find", lambda *_: pytest.fail("parsed again"))

    assert embeds(html) == before


def test_labels_are_what_stands_for_a_picture():
    """
    A picture is known by its own text, and one that nobody sees by none.
    """
    html = (
        f"<img src={FAR} alt='Wiese'><img src={FAR}><img src={FAR} alt=''>"
        f"<img src={FAR} width=1 height=1><img src={FAR} hidden alt=a>"
        f"<img src={FAR} style='display: none'>"
        f"<picture><source srcset={FAR}><img alt=Baum></picture>"
    )

    kinds = [(embed.kind, embed.label) for embed in embeds(html)]

    assert kinds == [("image", "Wiese"), ("image", None), ("image", ""), *[("hidden", None)] * 3,
                     ("image", "Baum")]  # fmt: skip


def test_links_and_forms_around_an_embed_are_known():
    """
    What stands within a link or a form cannot have a form in its place.
    """
    html = f"<form><a href=/><img src={FAR} alt=a></a><iframe src={FAR}></iframe></form>"
    unscripted = f"<a href=/><noscript><form><img src={FAR}></form></noscript></a>"

    assert [set(embed.inside) for embed in embeds(html)] == [{"a", "form"}, {"form"}]
    assert [set(embed.inside) for embed in embeds(unscripted)] == [{"a", "form"}]


def test_the_name_of_the_attribute_does_not_matter():
    """
    Letters of any size and repeated attributes are taken out alike.
    """
    html = f"<div STYLE='background:url({FAR})' Style='background:url({FAR})'>a</div>"

    assert re.sub(r"\s", "", hold(html)) == "<div>a</div>"
