"""Gates with accidents: whatever stands in them, nothing of it starts, and the page stays whole."""

from __future__ import annotations

import random

import pytest

from consent.web.page.opening import gate
from tests.conftest import IS_LONG

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]

RUN = "<script>ran.push('!')</script>"

#: ``@`` is the beginning of a gate and ``@@`` its end; THERE is another origin.
ACCIDENTS = {
    "an end too many": f"@</template><script src=THERE></script>{RUN}@@",
    "an end too many in a drawing": f"@<svg><title></template></title></svg>{RUN}@@",
    "an end too many in a style": f"@<svg><style></template></style></svg>{RUN}@@",
    "an end too many in noscript": f"@<noscript></template></noscript>{RUN}@@",
    "a template without end": f"@<template>{RUN}@@",
    "a comment without end": f"@<!-- {RUN}@@",
    "a script without end": "@<script src=THERE>@@",
    "a frame without end": "@<iframe src=THERE>@@",
    "a noscript without end": "@<noscript><img alt='' src=THERE>@@",
    "a text without end": f"@{RUN}<textarea>@@",
    "a tag without end": "@<img alt='' src=THERE @@",
    "a quote without end": '@<img alt="" src="THERE@@',
    "tags of Jinja in comments": f"<!-- @ --><script src=THERE></script>{RUN}<!-- @@ -->",
    "in a line of a script": "<script>\n// @\nran.push('!')\n// @@\n</script>",
    "in a script": "<script>/* @ */ ran.push('<b>') /* @@ */</script>",
    "in a style": "<style>@.x { left: 0 } .a { background: url(THERE) }@@</style><i class=a>x</i>",
    "in a tag": "<img alt='' @src=THERE onerror=\"ran.push('!')\"@@>",
    "in a drawing": "<svg>@<script href=THERE></script><image href=THERE />@@</svg>",
    "in a picture": "<picture>@<source srcset=THERE>@@<img alt='' src=/bild.svg></picture>",
}

#: What stands behind each, and where.
WHOLE = "() => [...document.querySelectorAll('main > [data-behind]')].map((p) => p.dataset.behind)"


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_an_accident_in_a_gate_lets_nothing_out_and_nothing_behind_it_in(
    site, third, make_visitor, javascript
):
    """
    Of what stands between the tags of a gate nothing runs or leaves before a decision, however it
    is broken, and of the page nothing is lost (GA-01, GA-02).
    """
    parts = [
        text.replace("@@", "{% endgate %}").replace("@", '{% gate "matomo" %}')
        + f'<p data-behind="{name}">x</p>'
        for name, text in ACCIDENTS.items()
    ]
    body = "<script>ran = []</script>" + "".join(parts)
    site.page(body.replace("THERE", third.url("far")))
    visitor = make_visitor(java_script_enabled=javascript)
    visitor.go()

    assert visitor.page.evaluate(WHOLE) == list(ACCIDENTS)
    assert visitor.arrived() == visitor.ran() == []


#: Of what bodies are made at random: everything that changes how a browser reads on.
PARTS = (
    "p div b a table tr td select option svg math mi foreignObject desc title style script textarea"
    " xmp noscript iframe template annotation-xml form li col noembed frameset body"
).split()
ODD = """<!-- --> --!> <!--> <! <? </ <![CDATA[ ]]> > < " ' = <img\talt=' <i\tx=</template>> <br/>
<svg/> <template/> <plaintext> \0 text <font\tcolor=x> </script\tx> <template\tshadowrootmode=open>
<annotation-xml\tencoding='text/html'>""".split(" ")
PIECES = [*(f"<{name}>" for name in PARTS), *(f"</{name}>" for name in PARTS), *ODD]

#: Reads each as part of a page with scripts and of one without; tells of what got out of its gate.
GOT_OUT = """(all) => all.filter((html) => {
  const live = document.createElement("div");
  live.innerHTML = html;
  const plain = new DOMParser().parseFromString(`<body>${html}`, "text/html");
  const names = (node) => [...node.childNodes].map((one) => one.nodeName).join();
  return [names(live), names(plain.body)].some((all) => all && all !== "TEMPLATE,TEMPLATE");
})"""


def test_whatever_stands_in_a_gate_stays_in_it(site, visitor):
    """
    Of pieces of HTML, put together at random, nothing gets out of a gate that is shut (GA-02).
    """
    dice = random.Random(1911)
    bodies = ["".join(dice.choices(PIECES, k=dice.randint(1, 9))) for _ in range(1_000)]
    if IS_LONG:
        bodies += ["".join(dice.choices(PIECES, k=dice.randint(1, 30))) for _ in range(50_000)]
    with site.app.test_request_context("/"):
        shut = {gate(None, body, "matomo"): body for body in bodies}
    visitor.go("/kontakt")
    got_out = visitor.page.evaluate(GOT_OUT, list(shut))

    assert len(shut) > len(bodies) / 2
    assert [shut[html] for html in got_out] == []
