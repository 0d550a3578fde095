"""What an element loads by itself."""

import json
from base64 import b64encode
from html import escape
from urllib.parse import quote

import pytest

from consent.gate.carried import ANYTHING
from consent.gate.hosts import read
from consent.gate.loads import loads
from consent.gate.source import live
from consent.gate.stored import embeds

FAR = "https://far.example/x"
UTF_16, UTF_16_BE = (
    b64encode(f"<img src={FAR}>".encode(kind)).decode() for kind in ("utf-16le", "utf-16be")
)

#: What a link may be to another page, which nobody fetches.
NO_LOAD = (
    "amphtml author bookmark contents edituri external first help index last license me nofollow"
    " noopener noreferrer pingback prev profile publisher shortlink start tag up webmention"
    " wlwmanifest"
)
#: Types of scripts that run (HTML, section 4.12.1).
RUN = (
    *("text/javascript", "Application/X-JavaScript", "text/ecmascript", "text/jscript"),
    *("text/livescript", "text/javascript1.5", " module "),
)


def nested(html, depth, attribute=lambda html: f"srcdoc='{escape(html)}'"):
    """Put *html* into a document within a document, so many times."""
    for _ in range(depth):
        html = f"<iframe {attribute(html)}></iframe>"
    return html


def found(html):
    return {load.address for element in live(html) for load in loads(element)}


@pytest.mark.parametrize(
    "html",
    [
        f"<iframe src='{FAR}'></iframe>",
        f"<iframe src=about:blank data-src='{FAR}'></iframe>",
        f"<iframe data-lazy-src='{FAR}'></iframe>",
        f"<iframe data-cookieblock-src='{FAR}'></iframe>",
        f"<iframe srcdoc='&lt;img src=\"{FAR}\">'></iframe>",
        "<iframe srcdoc='&lt;img src=&quot;https:&amp;#47;/far.example/x&quot;>'></iframe>",
        "<iframe srcdoc='&lt;img src=&quot;&amp;#47;&amp;#47;far.example/x&quot;>'></iframe>",
        f"<iframe src='data:text/html,<img src=\"{FAR}\">'></iframe>",
        "<iframe src='data:text/html;base64,PGltZyBzcmM9Imh0dHBzOi8vZmFyLmV4YW1wbGUveCI+'>",
        f"<iframe src='javascript:location=\"{FAR}\"'></iframe>",
        "<iframe src='javascript:fetch(\"%2f%2ffar.example/x\")'></iframe>",
        f"<iframe src='&#1;Java&#10;Script:location=\"{FAR}\"'></iframe>",
        f"<iframe src='&#1;da&#10;ta:text/html,<img src=\"{FAR}\">'></iframe>",
        "<iframe src='data:text/html,<img src=\"https:\\\\far.example\">'></iframe>",
        "<iframe src='DATA:TEXT/HTML,<img src=\"//far.example\">'></iframe>",
        "<iframe src='data:text/html;base64,PGltZyBzcmM9Ii8vZmFyLmV4YW1wbGUiPg'></iframe>",
        f'<iframe src="data:text/html;charset=utf-16le;base64,{UTF_16}"></iframe>',
        f'<iframe src="data:text/html;charset=utf-16be;base64,{UTF_16_BE}"></iframe>',
        f"<iframe src=\"data:image/svg+xml,<svg><image href='{FAR}'/>\"></iframe>",
        f"<object data=\"data:image/svg+xml,<svg><image href='{FAR}'/>\"></object>",
        f"<embed src=\"data:image/svg+xml,<svg><image href='{FAR}'/>\">",
        f"<iframe src='data:text/html;a=base64,<img src={FAR}>'></iframe>",
        "<iframe src='data:text/html,<%00!--<img src=http:far.example>'></iframe>",
        "<iframe src='data:text/html,<img&Tab;src=http:far.example>'></iframe>",
        "<iframe src='data:text/html,<img&Tab;src=ht%26%239;tp:far.example>'></iframe>",
        "<script src=\"data:text/javascript,import('ht&Tab;tp:far.example')\"></script>",
        '<iframe src=\'data:text/xml,<h:img xmlns:h="…/xhtml" src="ht%26%239;tp:far.example"/>\'>',
        "<iframe src='data:text/xml,<s:style>@import \"//fa<!--%0a-->r.example\"</s:style>'>",
        "<iframe srcdoc='<frameset><frame src=\"/&Tab;/far.example\"></frameset>'></iframe>",
        "<iframe src='data:text/xml,<s:style>@im<!-- -->port \"ht\\tp:far.example\"</s:style>'>",
        f"<link rel=stylesheet href=\"data:text/css;a=base64,@import '{FAR}'\">",
        "<iframe srcdoc='<img src=\"\\\\far.example\">'></iframe>",
        "<iframe srcdoc='<img src=\"/&Tab;/far.example\">'></iframe>",
        "<iframe srcdoc='<img src=http:far.example>'></iframe>",
        "<iframe srcdoc='<body background=\"/&Tab;/far.example\">'></iframe>",
        "<iframe srcdoc='<style>@import \"\\2f\\2f far.example\"</style>'></iframe>",
        "<iframe sandbox srcdoc='<noscript><img src=http:far.example></noscript>'></iframe>",
        nested('<img src="/&Tab;/far.example">', 6),
        "<link rel=stylesheet href=\"data:text/css,@import '/%5c0a /far.example'\">",
        f"<script src='{FAR}'></script>",
        f"<script type=module src='{FAR}'></script>",
        f"<script>import('{FAR}')</script>",
        *(f"<script type='{kind}'>import('{FAR}')</script>" for kind in RUN),
        f"<script type=module>import '{FAR}'</script>",
        f'<script type=importmap>{{"imports": {{"a": "{FAR}"}}}}</script>',
        f'<script type=speculationrules>{{"prefetch": [{{"urls": ["{FAR}"]}}]}}</script>',
        "<script>s.src = 'https:\\/\\/far.example\\/x'</script>",
        "<script>s.src = 'https:\\x2f\\u002ffar.example/x'</script>",
        "<script>s.src = '\\x68ttps:far.example/x'</script>",
        "<script>s.src = '/\\t/far.example/x'</script>",
        "<script>s.src = '\\\\\\\\far.example/x'</script>",
        "<script>s.src = 'https:/' + '/far.example/x'</script>",
        "<script>s.src = '/'+\n`/far.example/x`</script>",
        "<script>s.src = 'ht'+'tp:far.example'</script>",
        '<script>s.src = "ht" + "tp:far.example"</script>',
        "<script>s.src = `ht` + `tp:far.example`</script>",
        "<script>s.src = 'HTTPS:far.example'</script>",
        "<script>s.src = '\\u{68}ttps:far.example'</script>",
        "<script>s.src = '\\x2F\\x2Ffar.example'</script>",
        "<script>s.src = 'ht\\\ntps:far.example'</script>",
        "<script>s.src = '/\\n\\r/far.example'</script>",
        "<script>s.src = '\\57\\057far.example'</script>",
        "<iframe src=\"javascript:location='\\57/far.e\\170ample'\"></iframe>",
        "<script>s.src = 'https://own.example@far.example/'</script>",
        '<script type=importmap>{"imports": {"a": "ht\\u0074ps:far.example/x"}}</script>',
        f"<script src=\"data:image/png,import('{FAR}')\"></script>",
        f"<svg><script href=\"data:image/png,import('{FAR}')\"></script></svg>",
        f"<link rel=stylesheet href=\"data:image/png,@import '{FAR}'\">",
        "<link rel=StyleSheet href=\"data:,@import 'https:\\66 ar.example'\">",
        f"<svg><use href=\"data:image/svg+xml,<svg id='x'><image href='{FAR}'/></svg>#x\"/></svg>",
        f"<script>fetch('{FAR}')</script>",
        "<script>new Image().src = 'http:far.example/x'</script>",
        "<script>new WebSocket('wss://far.example/x')</script>",
        "<script>new WebSocket('wss:far.example')</script>",
        "<img src=own.png onerror=\"new WebSocket('ws:far.example')\">",
        f"<img src='{FAR}'>",
        "<img src=HTTP:far.example>",
        "<img/src=//far.example>",
        "<iframe src=FTP:far.example></iframe>",
        "<img src='ht&#10;tps:/&Tab;/far.example/x'>",
        f"<img src=own.png srcset='own.png 1x, {FAR} 2x'>",
        "<img srcset='//own.example,me@far.example/x 1x'>",
        "<img srcset='//own.example\xa0@far.example/x 1x'>",
        f"<img srcset='a.png (1x,2x), b,c.png 2x,, {FAR} 3x'>",
        f"<img src=own.png data-src='{FAR}'>",
        f"<img src=own.png data-srcset='{FAR} 2x'>",
        f"<img src=own.png data-original='{FAR}'>",
        f"<img src=own.png data-lazy='{FAR}'>",
        f"<iframe data-url='{FAR}'></iframe>",
        f"<video data-poster='{FAR}'></video>",
        "<img src=own.png data-src=' HTTP:far.example'>",
        "<img src=own.png data-src='//far.example'>",
        "<img src=own.png data-src='/\\far.example'>",
        "<img src=own.png data-src='\\\\far.example'>",
        f"<image src='{FAR}'>",
        f"<picture><source srcset='{FAR}'><img src=own.png></picture>",
        f"<video src='{FAR}'></video>",
        f"<video poster='{FAR}'></video>",
        f"<video><source src='{FAR}'></video>",
        f"<video><track src='{FAR}'></video>",
        f"<audio src='{FAR}'></audio>",
        f"<model src='{FAR}'></model>",
        f"<model src=own.usdz environmentmap='{FAR}'></model>",
        f"<portal src='{FAR}'></portal>",
        f"<bgsound src='{FAR}'>",
        f"<embed src='{FAR}'>",
        f"<object data='{FAR}'></object>",
        f"<applet code=a codebase='{FAR}'></applet>",
        f"<embed type=text/html code='{FAR}'>",
        f"<link rel=stylesheet href='{FAR}'>",
        f"<link rel='alternate stylesheet' href='{FAR}'>",
        f"<link rel=preload as=script href='{FAR}'>",
        f"<link rel=modulepreload href='{FAR}'>",
        f"<link rel=prefetch href='{FAR}'>",
        f"<link rel=preconnect href='{FAR}'>",
        f"<link rel=dns-prefetch href='{FAR}'>",
        f"<link rel=next href='{FAR}'>",
        f"<link rel=icon href='{FAR}'>",
        f"<link rel=search type=application/opensearchdescription+xml href='{FAR}'>",
        f"<link rel=manifest href='{FAR}'>",
        f"<link rel=preload as=image imagesrcset='{FAR} 2x'>",
        f"<style>@import '{FAR}';</style>",
        f"<style>@font-face {{ src: url({FAR}) }}</style>",
        f"<style>a {{ background: image-set('{FAR}' 1x) }}</style>",
        "<style>a { background: u\\72l(https\\3a //far.example/x) }</style>",
        "<style>/* don't */a{background:url(https://far.example/x)}b{content:'x'}</style>",
        "<style>@import '/\t/far.example/x';</style>",
        f"<style>a {{ background: image-set('xmlns=' 1x,'{FAR}' 2x) }}</style>",
        "<style>@import 'ht\ttps://far.example/x';</style>",
        "<style>@import '\x01//far.example/x';</style>",
        "<style>@import '/\\\n/far.example/x';</style>",
        "<p style='background: u\\72l(\"/\t/far.example\")'>",
        "<p style='background: image-set(\"/\t/far.example\" 1x)'>",
        f"<p style='background: url(\"{FAR}\")'>",
        "<p style ='background: URL(//far.example)'>",
        "<p/style='background: url(//far.example)'>",
        "<p class=\"a\"style='background: url(//far.example)'>",
        "<p class='a'style=\"background: image-set('HTTPS:far.example' 1x)\">",
        "<p style='background: image-set(\"\\2F\\00002ffar.example\" 1x)'>",
        f"<table background='{FAR}'>",
        f"<div data-bg='{FAR}'></div>",
        f"<div data-lazy-background-image='{FAR}'></div>",
        "<p style='background: url(\"/\\&#12;/far.example\")'>",
        "<p style='background: u\\72&#13;&#10;l(//far.example)'>",
        "<p style='background: image-set(\"\\5c /far.example\" 1x)'>",
        f"<svg onload='fetch(`{FAR}`)'></svg>",
        f"<script href='{FAR}'></script>",
        f"<svg><image href='{FAR}'/></svg>",
        f"<svg><image xlink:href='{FAR}'/></svg>",
        f"<svg><image data-src='{FAR}'/></svg>",
        f"<svg><use href='{FAR}#a'/></svg>",
        f"<svg><use xlink:href='{FAR}#a'/></svg>",
        f"<svg><rect filter='url({FAR}#a)'/></svg>",
        f"<svg><style>@import '{FAR}';</style></svg>",
        f"<svg><image><set attributeName=href to='{FAR}'/></image></svg>",
        f"<svg><image><animate attributeName=href from='{FAR}' to=a /></image></svg>",
        f"<svg><image><animate attributeName=href by='{FAR}'/></image></svg>",
        f"<svg><image href=a><animate attributeName=href values='a;{FAR}'/></image></svg>",
        f"<svg><rect><set attributeName=mask to='url({FAR}#a)'/></rect></svg>",
        f"<svg><rect><animate attributeName=fill values='red;url({FAR}#a)'/></rect></svg>",
        f"<svg><![CDATA[--><video poster='{FAR}'>",
        f"<math><video poster='{FAR}'></math>",
        f"<math><mtext><image src='{FAR}'></math>",
        f"<input type=image src='{FAR}'>",
        f"<meta http-equiv=Refresh content='5; URL=\"{FAR}\"'>",
        f"<meta http-equiv=refresh content='0;{FAR}'>",
        f"<meta http-equiv=refresh content='0 {FAR}'>",
        f"<meta http-equiv=refresh content=' .5 , url = {FAR}'>",
        f"<meta http-equiv=refresh content='0;url=\"{FAR}\"'>",
        f"<meta http-equiv=refresh content=\"0;url='{FAR}'\">",
        f"<base href='{FAR}'>",
        f"<a href=/ ping='/own {FAR}'>",
        "<a href=/ ping='/own&#10;//far.example/x'>",
        f"<a href=/ attributionsrc='/own {FAR}'>",
        f"<img src=own.png onerror=\"this.src='{FAR}'\">",
        f"<p tabindex=0 onfocus=\"import('{FAR}')\">",
        f"<div><template shadowrootmode=open><img src='{FAR}'></template></div>",
        f"<p><?start name=a>b<?end></p><template for=a><img src='{FAR}'></template>",
        f"<!--!><textarea>--><img src='{FAR}'></textarea>",
        f"<!-- a ---!><img src='{FAR}'>",
        f"<!-----!><img src='{FAR}'>",
        f"<script><!--<script>---!></script><textarea></script><img src='{FAR}'></textarea>",
    ],
)
def test_no_way_to_load_is_overlooked(html):
    """
    Whatever makes a browser contact another host without a press is found (GA-02, PS-02).
    """
    assert "far.example" in {read(address)[0] for address in found(html)}
    assert embeds(html)


@pytest.mark.parametrize(
    "html",
    [
        "<iframe src='data:text/html,<i%1b(Bmg src=ht%26%239;tp:far.example>'></iframe>",
        "<iframe src='data:text/xml,<!DOCTYPE a [<!ENTITY s \"//far\">]><a>%26s;.example</a>'>",
        "<iframe src='data:text/xml,<?xml-stylesheet href=\"ht%26%239;tp:far.example\"?><a/>'>",
        "<iframe src='data:text/xml,<style><![CDATA[<!--]]>ht\\tp:far.example</style>'></iframe>",
        "<style>@import 'data:text/css,@import %27ht%5ctp:far.example%27'</style>",
        "<style>@import 'd\\61 ta:text/css,@import %27ht%5ctp:far.example%27'</style>",
        "<style>@import url( ' data:application/x-unknown-content-type,%40import ...')</style>",
        "<style>@IMPORT'DATA:,%40import ...'</style>",
        "<style>@\\69mport/* */url(data:,%40import%20...)</style>",
        nested("x", 7),
        nested("x", 7, lambda html: f"src='data:text/html,{quote(html)}'"),
    ],
    ids=["letters", "own entities", "a style sheet of XML", "texts in texts", "sheet", "escaped",
         "sheet of no type", "sheet in capitals", "sheet behind a comment",
         "deep inside", "deep inside addresses"],
)  # fmt: skip
def test_what_cannot_be_read_counts_as_anybody(html):
    """
    A text within an address that nobody can be sure to have understood may be anybody's.
    """
    assert ANYTHING in found(html)


@pytest.mark.parametrize(
    ("where", "is_anybody"),
    [
        (None, True),
        ({"href_matches": "/*"}, False),
        ({"href_matches": ["/a/*", "/b"], "relative_to": "document"}, False),
        ({"href_matches": ["/a/*", "https://*"]}, True),
        ({"href_matches": "//far.example/*"}, True),
        ({"href_matches": "/\\far.example/*"}, True),
        ({"href_matches": "*://*/*"}, True),
        ({"href_matches": {"hostname": "*"}}, True),
        ({"not": {"href_matches": "/login"}}, True),
        ({"selector_matches": "a"}, True),
        ({"and": [{"href_matches": "/*"}, {"not": {"selector_matches": "[rel]"}}]}, False),
        ({"and": [{"selector_matches": "a"}]}, True),
        ({"or": [{"href_matches": "/a"}, {"href_matches": "/b"}]}, False),
        ({"or": [{"href_matches": "/*"}, {"selector_matches": "a"}]}, True),
        ({"or": "?"}, True),
        ("?", True),
    ],
)
def test_rules_about_links_fetch_whatever_these_lead_to(where, is_anybody):
    """
    Rules by which a browser fetches links in advance may contact anybody that a text or a
    placeholder links to, unless they keep to the paths of the site (GA-02, PS-02).
    """
    rule = {"source": "document"} if where is None else {"where": where}
    rules = json.dumps({"tag": "x", "prefetch": [{"urls": ["/a"]}, rule, "?"]})
    html = f"<script type=SpeculationRules>{rules}</script>"

    assert (ANYTHING in found(html)) is is_anybody
    assert bool(embeds(html)) is is_anybody


@pytest.mark.parametrize("rules", ["{", "[" * 100_000, "1" * 5_000, "[]", "1", '{"prefetch": 1}'])
def test_rules_that_nobody_can_read_are_no_error(rules):
    """
    Rules that are not in the format may be anything, or are passed over.
    """
    html = f"<script type=speculationrules>{rules}</script>"

    assert found(html) <= {ANYTHING}


@pytest.mark.parametrize(
    "html",
    [
        "<object data='data:image/svg+xml,<?xml version=\"1.0\"?><!-- Tree --><svg><path/></svg>'>",
        "<iframe src='data:text/html;base64,PHA+eDwvcD4='></iframe>",
        "<iframe src='data:text/html,\ud800 half a letter'></iframe>",
        "<iframe srcdoc='<?xml-stylesheet href=a?><p>x</p>'></iframe>",
        nested("x", 6),
        "<img srcset='/a,b.png 1x, /c.png 2x'>",
        "<script>a = 'one' + 'two'; b = /^https?:\\/\\/(www\\.)?far\\.example/.test(a)</script>",
        "<style>a { background: url(data:image/png;base64,AAAA) }</style>",
        "<script>document.createElementNS('http://www.w3.org/2000/svg', 'svg')</script>",
        "<style>a { mask: url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'\") }"
        "</style>",
        '<style>a { mask: url("data:image/svg+xml,<svg xmlns=\\"http://www.w3.org/2000/svg\\"") }'
        "</style>",
    ],
)
def test_texts_within_addresses_that_load_nothing_are_left_alone(html):
    """
    What carries all of itself contacts nobody.
    """
    assert ANYTHING not in found(html)
    assert {read(address)[0] for address in found(html)} <= {None}


@pytest.mark.parametrize(
    "html",
    [
        f"<a href='{FAR}'>",
        f"<area href='{FAR}'>",
        f"<form action='{FAR}'>",
        f"<blockquote cite='{FAR}'>",
        f"<link rel=Canonical href='{FAR}'>",
        f"<link rel='alternate' hreflang=en href='{FAR}'>",
        f"<link rel='{NO_LOAD}' href='{FAR}'>",
        f"<meta property=og:image content='{FAR}'>",
        f"<div data-url='{FAR}' data-href='{FAR}'>",
        f'<script type="application/ld+json">{{"sameAs": "{FAR}"}}</script>',
        f"<script type='text/template'><img src='{FAR}'></script>",
        f"<template><img src='{FAR}'></template>",
        f"<textarea><img src='{FAR}'></textarea>",
        f"<!-- <img src='{FAR}'> -->",
        f"<p title=\"<img src='{FAR}'>\">{FAR}</p>",
        f"<p title='url({FAR})'>",
        f"<svg><a href='{FAR}'><text>{FAR}</text></a></svg>",
        f"<img src=\"data:image/svg+xml,<svg><image href='{FAR}'/></svg>\">",
        f"<x-quote by='{FAR}'>",
        f"<img src=own.png alt='{FAR}'>",
    ],
)
def test_what_needs_a_press_is_no_load(html):
    """
    Links, forms, data and text contact nobody by themselves and are left alone.
    """
    assert not any(address.startswith(FAR) for address in found(html))


@pytest.mark.parametrize("html", ["<script>{}</script>", '<script src="data:text/javascript,{}">'])
def test_a_host_named_alone_is_a_mention(html):
    """
    A host without a scheme in a script counts only where it is known, as much looks like one.
    """
    script = html.format("u = ssl + '.google-analytics.com/ga.js'; v = 'jquery.min.js'")

    marks = {load.address: load.is_mention for element in live(script) for load in loads(element)}

    assert marks == {"//www.google-analytics.com/ga.js": True, "//jquery.min.js": True}


@pytest.mark.parametrize("quote", "'\"`")
def test_a_host_named_alone_is_looked_for_in_any_quotes(quote):
    """
    HTML that names a host without a scheme, in whatever quotes, is read, too (GA-02).
    """
    for host in (".google-analytics.com/ga.js", "www.google-analytics.com"):
        assert embeds(f"<script>load({quote}{host}{quote})</script>")


def test_sets_of_pictures_are_told_apart_as_browsers_do():
    """
    Commas within an address, at its end and in what follows it are read rightly (GA-02).
    """
    html = "<img srcset=',/a,b 1x\t,/c,,\n/d ( /e, /f ) x,\f/g,,\r/h ( /i, /j'>"

    addresses = [load.address for load in loads(next(live(html)))]
    assert addresses == ["/a,b", "/c", "/d", "/g", "/h"]
