"""What the auditor's desk says, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from consent.audit.wording import LANGUAGES, say, speaker, texts
from consent.choice.decide import CONTROLS
from consent.policy.wording import placeholders
from consent.policy.wording import texts as visitors

ROOT = Path(__file__).parents[2]

#: Where texts of the desk are asked for.
ASKING = ("consent/audit", "consent/commands", "consent/web/desk", "templates/consent/audit")

PLURAL = re.compile(r"\.(?:zero|one|two|few|many|other)$")


def test_both_languages_say_the_same_things():
    """
    Nothing is missing in one language, and every blank is filled in both.
    """
    german, english = (
        {key: placeholders(text) for key, text in texts(one).items()} for one in LANGUAGES
    )

    assert german == english


def test_nothing_is_said_that_no_page_says():
    """
    Every text is asked for somewhere: by its key, or by what the key begins with up to a dot.
    """
    sources = "".join(
        path.read_text(encoding="utf-8")
        for folder in ASKING
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".py", ".html")
    )
    asked = set(re.findall(r"""["']([a-z]+\.[a-z0-9_.-]*)["']""", sources))
    keys = {PLURAL.sub("", key) for key in texts("de")}
    unused = {
        key
        for key in keys
        if key not in asked
        and not any(key.startswith(start) for start in asked if start.endswith("."))
    }

    assert unused == set()


@pytest.mark.parametrize(
    ("key", "claimed", "shown"),
    [
        ("record.refusal", r"lässt sich mit keiner|cannot be linked", r"im Protokoll|in the log"),
        ("register.people.refusal", r"also niemandem|to nobody", r"im Nachweis|in the record"),
        ("privacy.cookies", r"erkennt .*niemanden|recognises", r"keine Kennung|no identifier"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_of_who_decided_no_more_is_claimed_than_is_so(language, key, claimed, shown):
    """
    What is not recorded is said, and not that nobody could find out: an access log, or being the
    only visitor of a day, may tell who refused.
    """
    said = texts(language)[key]

    assert not re.search(claimed, said)
    assert re.search(shown, said)


def test_a_text_is_said_with_its_blanks_filled():
    """
    A name stands where it belongs, in the language of the page.
    """
    assert say("de", "frame.who", name="Anna") == "Angemeldet: Anna"
    assert speaker("en")("frame.who", name="Anna") == "Signed in: Anna"


@pytest.mark.parametrize(
    ("key", "one", "two"),
    [
        ("record.erasure", "dass ein Eintrag gelöscht wurde:", "dass 2 Einträge gelöscht wurden:"),
        ("summary.counts", "1 davon ist eine", "2 davon sind"),
        ("overview.behind.sealed", "Ein späterer Eintrag wird", "2 spätere Einträge werden"),
        ("overview.behind.start", "ein Eintrag fehlt noch", "2 Einträge fehlen noch"),
        ("overview.check.good", ", ein Eintrag. Ergebnis", ", 2 Einträge, 0 davon"),
        ("overview.check.bad", ", ein Eintrag. Ergebnis", ", 2 Einträge. Ergebnis"),
        ("overview.check.running", "0 von einem Eintrag", "0 von 2 Einträgen"),
        ("prepared.done", "0 von einem Eintrag", "0 von 2 Einträgen"),
        ("record.place.in_tree", "mit einem Platz", "mit 2 Plätzen"),
        ("sample.state", "1 Platz,", "2 Plätze,"),
    ],
)
def test_one_of_a_thing_is_spoken_of_in_the_singular(key, one, two):
    """
    On the first day of a log, and where a single record was erased, there is one of a thing.
    """
    for count, said in ((1, one), (2, two)):
        blanks = dict.fromkeys(("number", "of", "rows"), count) | {"done": 0, "erased": 0}
        blanks |= dict.fromkeys(("moment", "log", "indexes"), "…")
        assert said in say("de", key, count=count, **blanks)


@pytest.mark.parametrize(
    ("language", "before"),
    [("de", "ab|am|bis|seit|vom"), ("en", "from|of|on|since|to|until")],
)
def test_a_day_within_a_sentence_has_its_preposition(language, before):
    """
    Days and times are filled in as numbers, so the text has what makes them a part of a sentence.
    """
    fits = re.compile(rf"(^|[,:] |(?i:\b({before})) )\{{(day|moment)\}}")
    dated = {k: t for k, t in texts(language).items() if re.search(r"\{(day|moment)\}", t)}

    assert [key for key, text in dated.items() if not fits.search(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("control", CONTROLS)
def test_a_button_is_called_by_every_label_that_it_has(language, control):
    """
    Who was asked anew about some services pressed "accept these"; a record that calls the button
    "accept all" and names services that were refused would contradict itself.
    """
    placed = {"allow": "placeholder.always", "once": "placeholder.once"}
    keys = [placed[control]] if control in placed else [f"button.{control}"]
    keys += [f"button.{control}_these"] if control in ("accept", "reject") else []
    labels = [visitors(language)[key].replace("{service}", "…") for key in keys]
    told = say(language, f"record.control.{control}")

    assert [label for label in labels if label not in told] == []


def test_a_text_that_is_not_there_is_named():
    """
    A key that was misspelled is noticed at once.
    """
    with pytest.raises(KeyError, match=r"frame\.nothing"):
        say("de", "frame.nothing")
