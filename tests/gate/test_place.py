"""A gate knows where in a page it stands, as far as its template tells."""

from __future__ import annotations

import pytest
from jinja2 import Environment, TemplateSyntaxError

from consent.gate.tag import GateTag, gates

GATE = '{% gate "matomo" %}x{% endgate %}'


def places(template: str) -> list[str]:
    """Return the place of each gate in *template*, which stands at each ``@``."""
    environment = Environment(extensions=[GateTag], autoescape=True)
    return [gate.place for gate in gates(environment, template.replace("@", GATE))]


@pytest.mark.parametrize(
    ("template", "place"),
    [
        ("<script>@</script>", "script"),
        ("<script {{ a }}>a<b;{{ c }}@</script>", "script"),
        ("{% if a %}<style>{% else %}<style media=print>{% endif %}@</style>", "style"),
        ("<TITLE>a @</TITLE>", "title"),
        ("<img @ alt=''>", "tag"),
        ("<img alt='{{ a }}' src='@'>", "tag"),
        ("<p class={% if a %}b{% endif %} @>", "tag"),
        ("<frameset>@</frameset>", "frameset"),
        ("<svg class=a><circle/>@</svg>", "svg"),
        ("<math><mi>@", "math"),
        ("<head><title>a</title>@", "head"),
        ("<form {{ a }}><p>@", "form"),
        ("<button><b>@", "button"),
        ("<a href=a>@</a>", "a"),
        ("<select>@</select>", "select"),
    ],
)
def test_a_place_where_not_everything_can_be(template, place):
    """
    Scripts, tags, drawings and the like are known, whatever of Jinja stands in between.
    """
    assert places(template) == [place]


@pytest.mark.parametrize(
    "template",
    [
        "<p>@",
        "a < b @",
        "<script>if (a<b) c</script>@",
        "<script src=a>{{ b }}</script><style></style>@",
        "<!-- <script> <form <b -->@",
        "<!-- @ -->",
        "<abbr title=a>@",
        "<svg class=a /><svg><path/></svg>@",
        "<svg><foreignObject>@",
        "<svg><desc>@",
        "<math><annotation-xml>@",
        "<head><title>a</title></head>@",
        "<head><title>a</title><body>@",
        "<form></form><a href=b>c</a>@",
        "<a href={% if a %}'b'{% else %}'c'{% endif %}>d</a> @",
        "<noscript>@</noscript>",
        "<table><tr>@</table>",
        "<template>@</template>",
    ],
)
def test_every_other_place_is_as_good(template):
    """
    Where a template can stand, a gate is not said to be wrong.
    """
    assert places(template) == [""]


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("{% gate a %}<script>{% endgate %}@", ["", ""]),
        ("{% gate a %}<p>{% gate b %}<img src={% endgate %}<!--{% endgate %}<a>@", ["", "", "a"]),
        ("<script>{% gate a %}</script>{% endgate %}@", ["script", "script"]),
    ],
)
def test_a_gate_ends_what_stands_in_it(template, found):
    """
    What follows a gate in which an end was forgotten stands where the gate does.
    """
    assert sorted(places(template)) == sorted(found)


def test_an_end_without_a_gate_is_a_mistake():
    """
    An end too many is told like every other mistake of a template.
    """
    with pytest.raises(TemplateSyntaxError, match="endgate"):
        places("{% endgate %}")
