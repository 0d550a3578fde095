"""What is wrong with a TOML file that cannot be read, and what helps."""

from __future__ import annotations

import re

from consent.errors import Problem
from consent.policy.mistakes import printable

#: Where a mistake is, in the words of tomllib.
_PLACE = re.compile(r"line (\d+), column (\d+)")

_NAMES = "a name is of letters from a to z, digits, - and _"
_QUOTE = "a text ends with a quote in its own line"

#: What helps against a mistake, by what tomllib says of it.
_HELP = {
    "Invalid value": "a text stands in quotes, true and false do not",
    "Invalid statement": "as in lifetime = 180 or [services.youtube]; a comment begins with #",
    "Invalid initial character for a key part": f"{_NAMES}; what stands in {{ }} is in one line,"
    " without a comma at its end",
    "Expected '=' after a key in a key/value pair": f"as in lifetime = 180; {_NAMES}",
    "Expected ']' at the end of a table declaration": f"as in [services.youtube]; {_NAMES}",
    "Expected newline or end of document after a statement": "nothing stands behind a value but a"
    " comment, which begins with #",
    "Cannot overwrite a value": "a name stands only once in a table",
    "Illegal character '\\n'": _QUOTE,
    "Unterminated string": _QUOTE,
    "Unclosed array": "what stands in a list is parted by commas, and ] ends it",
    "Unescaped '\\' in a string": "a backslash is written twice",
    "Invalid hex value": "a backslash is written twice",
}

#: How Python spells the name of a table, and the keys in it.
_TUPLE = re.compile(r"\(.*\)")
_KEY = re.compile("'([^']*)'")

#: What tomllib says of a table with parts in two places.
_TWICE = re.compile(r"Cannot (declare \[.*twice|mutate immutable namespace)")

#: What word processors make of quotes.
_CURLY = re.compile("[“”„‟‘’‚‛«»‹›]")


def explained(error: OSError | ValueError | RecursionError, text: str, wanted: str) -> Problem:
    """Say in plain words which *error* kept *text* from being read where *wanted* was meant."""
    if isinstance(error, UnicodeDecodeError):
        return _not_utf_8(error)
    if isinstance(error, OSError):
        reason = printable((error.strerror or "no reason given").lower())
        return Problem("", f"a file that cannot be read ({reason})", wanted)
    return _not_toml(error, text)


def _not_utf_8(error: UnicodeDecodeError) -> Problem:
    line = error.object[: error.start].count(b"\n") + 1
    found = f"bytes in line {line} that are not UTF-8"
    return Problem("", found, "a text file in UTF-8", "save it again with the encoding UTF-8")


def _not_toml(error: ValueError | RecursionError, text: str) -> Problem:
    what, _, where = str(error).partition(" (at ")
    place = f" at {where.removesuffix(')')}" if where else ""
    what = _TUPLE.sub(lambda spelled: f"[{'.'.join(_KEY.findall(spelled[0]))}]", what)
    found = f"a mistake{place}: {printable(what[:1].lower() + what[1:])}"
    hint = _HELP.get(what) or (_one_place(what) if _TWICE.match(what) else None)
    match = _PLACE.match(where)
    row, column = (int(match[1]) - 1, int(match[2]) - 1) if match else (0, 0)
    line = text.split("\n")[row] if match else ""
    sign = line[column : column + 1]
    if not sign.isprintable() and sign not in "\t\r":
        hint = f"a sign that nobody sees stands there, U+{ord(sign):04X}; type the line anew"
    elif _CURLY.search(line):
        hint = 'a text stands in straight quotes, as in "verein.example"'
    return Problem("", found, "TOML", hint)


def _one_place(what: str) -> str:
    """Tell whoever declared the table named in *what* in two ways how it is done in one."""
    table = what.partition("[")[2].rpartition("]")[0]
    first = printable(table.partition(".")[0])
    return (
        f"what belongs to it stands below one such line, [{printable(table)}],"
        f" or behind {first} =, not in both"
    )
