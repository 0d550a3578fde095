"""A site for children: how their parents agree is told wherever somebody is asked."""

import pytest
from flask.cli import ScriptInfo

from consent import PolicyError
from consent.cli import cli
from tests.conftest import POLICY, Visitor

CHILDREN = f'audience = "children"\n{POLICY}'
PAGE = "https://kreisverband.example/eltern"
ASKED = f"Bist du unter 16? Dann müssen deine Eltern zustimmen: {PAGE}"
LINK = f'<a href="{PAGE}" rel="noopener">{PAGE}</a>'
PARENTS = f'parents = {{ de = "{ASKED}", en = "Under 16? Ask your parents." }}\n'


@pytest.fixture
def checked(make_app, policy_file):
    """What ``flask consent check`` prints about a policy."""

    def checked(policy: str) -> str:
        policy_file.write_text(policy, encoding="utf-8")
        runner = make_app().test_cli_runner()
        return runner.invoke(cli, ["check"], obj=ScriptInfo(create_app=make_app)).output

    return checked


def test_optional_services_stop_the_start(make_app, policy_file):
    """
    A site for children under 16 that says nothing of their parents does not start as long as it
    has optional services (FL-25).
    """
    policy_file.write_text(CHILDREN, encoding="utf-8")

    with pytest.raises(PolicyError, match="services: found optional ones on a site for children"):
        make_app()


def test_parents_are_spoken_of_wherever_somebody_is_asked(make_app, policy_file):
    """
    Banner, settings and the place of an embed tell how parents agree, in the visitor's language,
    and lead to the page for it (FL-25).
    """
    policy_file.write_text(PARENTS + CHILDREN, encoding="utf-8")
    visitor = Visitor(make_app(language=lambda: "de"))
    page, settings = visitor.get().text, visitor.get("/consent/settings").text
    told = ASKED.replace(PAGE, LINK)
    banner = page.partition('id="consent"')[2].partition("<form")[0]
    place = page.partition('data-consent-placeholder="youtube"')[2].partition("<form")[0]
    english = Visitor(make_app(language=lambda: "en")).get().text

    assert [part.count(f"{told}</p>") for part in (banner, settings, place)] == [1, 1, 1]
    assert english.count("Under 16? Ask your parents.</p>") == 2
    assert place.count("<p>") == 1  # two would lie upon each other where the size is drawn
    assert "Eltern" not in english


def test_any_site_may_speak_of_parents(make_app, policy_file):
    """
    A site for everybody may tell children the same (FL-25).
    """
    policy_file.write_text(PARENTS + POLICY, encoding="utf-8")

    assert "<p>Bist du unter 16?" in Visitor(make_app(language=lambda: "de")).get().text


def test_the_check_says_what_it_does_not_know(checked):
    """
    The operator reads that nobody can tell from a record who pressed, and whose part it is to
    make sure that parents agreed (FL-25).
    """
    said = checked(PARENTS + CHILDREN)

    assert "children under 16" in said
    assert f'parents     visitors read: "{ASKED}"' in said
    assert "a record does not tell who pressed" in said
    assert "Art. 8(2) GDPR" in said


def test_without_services_there_is_nothing_to_agree_to(checked):
    """
    A site for children that uses nothing optional starts, and nobody's parents are asked (FL-25).
    """
    said = checked(CHILDREN.partition("[services")[0])

    assert "children under 16" in said
    assert "no banner appears" in said
    assert "who pressed" not in said
