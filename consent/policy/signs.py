"""Signs that nobody sees, most of which no text of a policy file holds."""

from __future__ import annotations

import re

from consent.policy.mistakes import Objection, shown

#: Control characters and the line breaks of Unicode, for use inside of brackets.
CONTROL = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"

#: Signs that nobody sees and no word needs: what copying brings along, what turns letters round.
HIDDEN = (
    r"\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    r"\ufff9-\ufffb"
)

#: Those that words need: where a long one may part, how letters and pictures join, which way
#: something is read.
WITHIN_WORDS = r"\u00ad\u061c\u180b-\u180d\u180f\u200c-\u200f\ufe00-\ufe0f"

#: What no address and no name of anything technical has.
UNSEEN = f"{CONTROL}{HIDDEN}{WITHIN_WORDS}"

#: How much of a text is repeated to say where something in it stands, in characters.
_BEFORE = 20


def visible(text: str) -> str:
    """Return *text* without the signs that nobody sees."""
    return re.sub(f"[{HIDDEN}{WITHIN_WORDS}]", "", text)


def objection(text: str) -> Objection | None:
    """Object to the first thing in *text* that none may hold; None: there is no such thing."""
    control = re.search(f"[{CONTROL}]", text)
    if control:
        code = f"U+{ord(control.group()):04X}"
        hint = "write it in one line" if control.group() in "\n\r\u2028\u2029" else None
        return Objection(f"the control character {code}", "a text without any", hint)
    hidden = re.search(f"[{HIDDEN}]", text)
    return _hidden(text, hidden.start()) if hidden else None


def _hidden(text: str, place: int) -> Objection:
    """Object to the sign at *place* of *text* that nobody sees."""
    before = text[:place].strip()[-_BEFORE:]
    where = f"behind {shown(before)}" if before else "at the beginning"
    found = f"a sign that nobody sees, U+{ord(text[place]):04X}, {where}"
    return Objection(found, "a text without any", "type that word anew")
