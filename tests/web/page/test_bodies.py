"""What may stand in a gate, and around one."""

import re

import pytest
from jinja2 import TemplateSyntaxError

from consent.gate.markup import OUT
from tests.conftest import Visitor
from tests.web.page.test_gating import render


@pytest.fixture
def accepted(app):
    visitor = Visitor(app)
    visitor.decide("accept")
    return visitor


@pytest.mark.parametrize(
    "around",
    [
        "<script>a();\n// @\nfar();\n// @@\nb()</script>",
        "<script>a(); /* @ */ far('<img src=x>'); /* @@ */ b()</script>",
        "<script>@for (i = 0; i <n; i++) far('<!--');@@ b()</script>",
        "<style>/* @ */ .far { color: red } /* @@ */ .b { color: red }</style>",
        "<title>a @far@@</title>",
        "<img alt=a @src='//far.example/b'@@>",
        "<img alt=a src='@//far.example/b@@'>",
        "<frameset>@<frame src=//far.example>@@</frameset>",
    ],
)
def test_where_no_template_can_stand_there_is_nothing_before_a_grant(app, accepted, around):
    """
    In a script, a style or a tag nothing could be held, and what stands around the gate goes on
    as if it were not there (GA-02).
    """
    template = around.replace("@@", "{% endgate %}").replace("@", '{% gate "matomo" %}')
    without = re.sub("@.*@@", "", around, flags=re.DOTALL)

    assert render(app, template) == without
    assert render(app, template, accepted.cookie()) == around.replace("@", "")


def test_text_alone_is_nothing_before_a_grant_either(app, tmp_path):
    """
    Text loads nothing where it is shown; where another template has it in a script, it would run
    (GA-02).
    """
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "base.html").write_text("<script>{% block js %}{% endblock %}</script>")
    block = '// {% gate "matomo" %}\nfar();\n// {% endgate %}'

    page = render(app, f'{{% extends "base.html" %}}{{% block js %}}{block}{{% endblock %}}')
    assert page == "<script>// </script>"


def test_what_begins_as_text_gets_out_of_a_script(app):
    """
    Markup that begins as text may be in the script of another template, and then ends it (GA-02).
    What begins with a tag, whatever space is before it, cannot be.
    """
    page = render(app, '{% gate "matomo" %}\nfar("<b>")\n{% endgate %}')
    other = render(app, '{% gate "matomo" %}\n<b>far</b>\n{% endgate %}')

    assert page == f'{OUT}<template data-consent="matomo">\nfar("<b>")\n</template>'
    assert other == '<template data-consent="matomo">\n<b>far</b>\n</template>'


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("a</template><b>", "a</template><b>"),
        ("<template><b>", "<template><b>"),
        ("--><b><!--", "--><b><!---->"),
    ],
)
def test_what_would_get_out_of_a_template_is_not_there(app, accepted, markup, shown, caplog):
    """
    A gate that ends a template or a comment it did not begin holds nothing back, so nothing of
    it is there before a grant, and the operator is told (GA-01).
    """
    template = f'{{% gate "matomo" %}}{markup}{{% endgate %}}'

    assert render(app, template) == ""
    assert "let each element begin and end in the gate" in caplog.text
    assert render(app, template, accepted.cookie()) == shown


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<p>a<script src=/a>", "<p>a<script src=/a></script>"),
        ("<iframe src=/a>", "<iframe src=/a></iframe>"),
        ("<noscript><img src=/a>", "<noscript><img src=/a></noscript>"),
        ("<p>a<!-- b", "<p>a<!-- b-->"),
        ("<p>a<b title='", "<p>a"),
        ("<p>a<plaintext>b", ""),
    ],
)
@pytest.mark.parametrize("first", ['{% gate "matomo" %}@{% endgate %}', "{{ stored|gated }}"])
def test_what_is_granted_does_not_open_the_next_gate(app, first, markup, shown, caplog):
    """
    An end that was forgotten in a gate or in stored HTML leaves the next gate shut once the first
    one is granted, and the operator is told (GA-01, GA-02).
    """
    visitor = Visitor(app)
    visitor.decide("save", service=["matomo"])
    behind = '{% gate "youtube" %}<script src="/a"></script><script src="/b"></script>{% endgate %}'

    page = render(app, first.replace("@", markup) + behind, visitor.cookie(), stored=markup)
    assert page == shown + render(app, behind, visitor.cookie())
    assert "ends in a tag, a comment or a text such as a script" in caplog.text


def test_what_is_added_to_a_shut_gate_is_told(app, caplog):
    """
    The operator hears of an end that was forgotten before anybody agrees, too, and once (GA-01).
    """
    for _ in range(2):
        page = render(app, '{% gate "matomo" %}<p>a<!-- b{% endgate %}')

    assert page == '<template data-consent="matomo"><p>a<!-- b--></template>'
    assert caplog.text.count("an end was added or the rest was left out") == 1


def test_gates_in_gates_are_held_one_by_one(app):
    """
    A gate that waits for another one is whole, placeholder and all.
    """
    inner = '{% gate "youtube" %}<iframe src="/film" width="9" height="9"></iframe>{% endgate %}'
    page = render(app, f'{{% gate "matomo" %}}<p>a</p>{inner}{{% endgate %}}')

    assert page.count("<template") == page.count("</template>") == 2
    assert '<svg class="cst-frame"' in page


def test_a_style_in_a_gate_is_not_the_style_of_the_page(app):
    """
    Where a placeholder that knows its size waits in another gate, the next one in the page brings
    its style along again, and the one behind that does not.
    """
    film = '{% gate "youtube" %}<iframe src="/film" width="9" height="9"></iframe>{% endgate %}'
    page = render(app, f'{{% gate "matomo" %}}{film}{{% endgate %}}{film}{film}')

    inside, _, after = page.partition("</template></template>")
    assert inside.count("css/frame.css") == after.count("css/frame.css") == 1


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ('{% gate ["matomo", "youtube"] %}{% endgate %}', "wanted the name of one service"),
        ("{% gate 1 %}{% endgate %}", "wanted the name of one service"),
        ('{% gate "matomo", "youtube" %}{% endgate %}', "put one gate into the other"),
        (
            '{% extends "a" %}{% gate "matomo" %}{% block a %}{% endblock %}{% endgate %}',
            "put the gate into the block",
        ),
    ],
)
def test_a_gate_that_cannot_be_meant_is_an_error_that_helps(app, template, told):
    """
    What a gate would silently not do is said when the template is read: Jinja shows what stands
    in the blocks of a template that extends another whatever is around them (GA-01).
    """
    with pytest.raises(TemplateSyntaxError, match=told):
        app.jinja_env.from_string(template)


@pytest.mark.parametrize(
    "inner",
    [
        "{% block a %}@{% endblock %}",
        "{% macro a() %}@{% endmacro %}",
        "{% set a %}@{% endset %}",
    ],
)
def test_a_template_that_extends_another_may_have_gates(app, inner):
    """
    In its blocks, its macros and in what it keeps for later.
    """
    gate = '{% gate "matomo" %}<b>{% endgate %}'

    assert app.jinja_env.from_string('{% extends "a" %}' + inner.replace("@", gate))


def test_a_name_without_quotes_is_named(app, caplog):
    """
    Whoever forgets the quotes reads so in the log, as nothing is there then.
    """
    assert render(app, "{% gate matomo %}<b>{% endgate %}") == ""
    assert "gate matomo: has no value; hint: put the name of a service in quotes" in caplog.text
