"""
Words that no text of a banner may contain.

A purpose that could mean anything is none, and neither praise of consenting nor an unnamed
disadvantage of refusing is information (requirements FL-10, FL-16, FL-17). The two buttons
say what they do (FL-05, FL-06). The lists stand in ``lint/``, one file per language.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, partial
from importlib.resources import files
from itertools import product
from unicodedata import normalize

from consent.policy import wording
from consent.policy.mistakes import Objection, Place, nearest, printable, shown
from consent.policy.signs import visible
from consent.policy.values import Text

#: Labels that say nothing in any language.
_ANYWHERE = frozenset({"", "ok", "okay", "x"})

#: The buttons that nobody may press for another one.
_ACCEPTING = ("button.accept", "button.accept_these")

#: Languages that a text may be in which does not say its language.
_LIKELY = ("de", "en")


@cache
def evasive(language: str) -> frozenset[str]:
    """Return the labels, in small letters, that do not say what a button does."""
    return _ANYWHERE | frozenset(_lint(language)["labels"])


@cache
def empty_words(language: str) -> re.Pattern[str]:
    """Return what finds words that tell a visitor nothing."""
    return re.compile("|".join(_lint(language)["phrases"]) or "(?!)", re.IGNORECASE)


@cache
def _lint(language: str) -> dict[str, list[str]]:
    file = files("consent.policy") / "lint" / f"{language}.toml"
    if not file.is_file():  # a language that a site brings
        return {"labels": [], "phrases": []}
    return tomllib.loads(file.read_text(encoding="utf-8"))


def empty(text: str, languages: tuple[str, ...] = _LIKELY) -> Objection | None:
    """Object to words in *text* that tell a visitor nothing."""
    normal = normalize("NFC", visible(text))
    found = next(filter(None, (empty_words(tag).search(normal) for tag in languages)), None)
    if found is None:
        return None
    hint = 'say what is done, such as "we count visits"'
    return Objection(f'the phrase "{found.group()}"', "a concrete and neutral text", hint)


def tell_apart(texts: Mapping[str, Mapping[str, str]], at: Place) -> None:
    """Report own *texts* by language that label a button like one that does something else."""
    for language, own in texts.items():
        labels = {
            key: _label(text)
            for key, text in wording.every_text(language, "formal", own).items()
            if key.startswith("button.")
        }
        for key, accepting in product(labels.keys() - set(_ACCEPTING), _ACCEPTING):
            if labels[key] == labels.get(accepting):  # which a file of the site's may lack
                mine, other = (key, accepting) if key in own else (accepting, key)
                place = at.child(language).child(mine)
                place.report(f"the label of {other}", "one that no other button has")


def _label(text: str) -> str:
    return normalize("NFC", visible(text)).strip(" .!×").lower()


def own_text(language: str, key: str, standard: str) -> Text:
    """Return the value that may stand under *key* in place of the text *standard*."""
    objection = partial(own_wording, language, key, standard)
    return Text(wanted="a text in quotes", objection=objection, name="text")


def own_wording(language: str, key: str, standard: str, text: str) -> Objection | None:
    """
    Object to *text* in the place of *standard*, the shipped text under *key*.

    None: it may stand there.
    """
    is_answer = key.startswith(("button.accept", "button.reject"))
    if is_answer and _label(text) in evasive(language):
        return Objection(f"the label {shown(text)}", "a label that says what the button does")
    return _placeholders(key, standard, text) or empty(text, (language,))


def _placeholders(key: str, standard: str, text: str) -> Objection | None:
    known = wording.placeholders(standard)
    wanted = "exactly " + ", ".join(f"{{{name}}}" for name in sorted(known)) if known else "none"
    try:
        used = wording.placeholders(text)
    except ValueError:
        hint = "a brace that is meant as such is written twice"
        return Objection("a brace without its counterpart", f"placeholders: {wanted}", hint)
    # "One provider" may be said without the figure, and so may two, or none, where a language
    # has words for these; any other number not.
    optional = {"count"} if key.endswith((".zero", ".one", ".two")) else set()
    added, lost = sorted(used - known), sorted(known - used - optional)
    if added:
        near = nearest(added[0], known)
        found = f"the placeholder {{{printable(added[0])}}}"
        return Objection(found, f"placeholders: {wanted}", f"{{{near}}}" if near else None)
    return Objection(f"no {{{lost[0]}}}", f"placeholders: {wanted}") if lost else None
