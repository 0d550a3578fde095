"""
Words that no text of a banner may contain.

A purpose that could mean anything is none, and neither praise of consenting nor an unnamed
disadvantage of refusing is information (requirements FL-10, FL-16, FL-17). The two buttons
say what they do (FL-05, FL-06).
"""

from __future__ import annotations

import re
from unicodedata import normalize

from consent.policy import wording
from consent.policy.mistakes import Objection, nearest, printable, shown

_EMPTY = re.compile(
    r"nutz(?:er|ungs)(?:erlebnis|erfahrung)|surf-?erlebnis|\boptimal\w*|\bbestmöglich\w*"
    r"|\bwomöglich|nicht mehr alle funktion\w*|\bleider\b|\w*wertschätz\w*"
    r"|(?:user|browsing) experience|best possible|not all (?:functions|features)"
    r"|\bunfortunately\b",
    re.IGNORECASE,
)
_EVASIVE = {
    "ok", "okay", "x", "verstanden", "weiter", "mehr", "einstellungen", "speichern", "fortfahren",
    "zustimmen & schließen", "akzeptieren & schließen", "got it", "understood", "continue", "next",
    "more", "settings", "save", "agree & close", "accept & close", "dismiss",
}  # fmt: skip


def empty(text: str) -> Objection | None:
    """Object to words in *text* that tell a visitor nothing."""
    found = _EMPTY.search(normalize("NFC", text))
    if found is None:
        return None
    hint = 'say what is done, such as "we count visits"'
    return Objection(f'the phrase "{found.group()}"', "a concrete and neutral text", hint)


def own_wording(key: str, standard: str, text: str) -> Objection | None:
    """Object to *text* in the place of *standard*, the shipped text under *key*."""
    label = normalize("NFC", text).strip(" .!×").lower()
    if key in ("button.accept", "button.reject") and (not label or label in _EVASIVE):
        return Objection(f"the label {shown(text)}", "a label that says what the button does")
    return _placeholders(key, standard, text) or empty(text)


def _placeholders(key: str, standard: str, text: str) -> Objection | None:
    known = wording.placeholders(standard)
    wanted = "exactly " + ", ".join(f"{{{name}}}" for name in sorted(known)) if known else "none"
    try:
        used = wording.placeholders(text)
    except ValueError:
        hint = "a brace that is meant as such is written twice"
        return Objection("a brace without its counterpart", f"placeholders: {wanted}", hint)
    # "One provider" may be said without the figure, any other number not.
    optional = {"count"} if key.endswith(".one") else set()
    added, lost = sorted(used - known), sorted(known - used - optional)
    if added:
        near = nearest(added[0], known)
        found = f"the placeholder {{{printable(added[0])}}}"
        return Objection(found, f"placeholders: {wanted}", f"{{{near}}}" if near else None)
    return Objection(f"no {{{lost[0]}}}", f"placeholders: {wanted}") if lost else None
