"""
The mistakes of a policy file, collected while it is read.

A :class:`Place` is a spot in the file. Whoever reads the value there reports what is wrong
with it, and reading goes on, so that all mistakes are found in one go. Entries of lists
are counted from one: ``essential.#2.name`` is the name of the second.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path as Folder
from typing import Any, NamedTuple
from unicodedata import combining, normalize

from consent.errors import Problem
from consent.policy import otherwise

#: How much of a value, a key or a parser's message is repeated at most, in characters.
LONGEST = 60

#: How deep the keys of a policy file lie: services.ID.items.#1.content.de
_DEEPEST = 6

_MANY = 20

#: How much alike two words must be, of 1. With less, "iframe" would be meant as "form".
_ALIKE = 0.65

#: How German is written without its own letters.
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")

#: What people try to declare although no policy can.
_IMPOSSIBLE = {
    **dict.fromkeys(
        "preselected preselect default checked prechecked selected enabled active".split(),
        "nothing can be preselected",
    ),
    **dict.fromkeys(
        ("basis", "legal_basis", "legitimate_interest", "rechtsgrundlage"),
        "an optional service always rests on consent",
    ),
    **dict.fromkeys(
        ("required", "mandatory", "necessary"),
        "what the site itself needs is declared under [[essential]]",
    ),
}

Path = tuple[str | int, ...]


class Objection(NamedTuple):
    """What is wrong with one value, wherever it stands."""

    found: str
    wanted: str
    hint: str | None = None


#: Reads what is given at a place, or reports what is wrong there and returns None.
Read = Callable[[object, "Place"], Any]


@dataclass(slots=True)
class Mistakes:
    """All mistakes found so far."""

    languages: tuple[str, ...] = ()  #: in which texts must exist
    above: tuple[str, ...] = ()  #: keys that stand above all tables
    brought: Mapping[str, Read] = field(default_factory=dict)  #: what reads the site's languages
    folder: Folder = Folder()  #: where these are
    _found: list[tuple[Path, Problem]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._found)

    def add(self, path: Path, objection: Objection) -> None:
        """Note that *objection* applies to what stands, or is missing, at *path*."""
        self._found.append((path, Problem(_spelled(path), *objection)))

    def touch(self, path: Path) -> bool:
        """Tell whether something is wrong at *path* itself."""
        return any(known == path for known, _ in self._found)

    def in_order_of(self, table: Mapping[str, Any]) -> tuple[Problem, ...]:
        """Return the problems in the order in which their places stand in *table*."""
        order = {path: number for number, path in enumerate(_places(table))}

        def position(entry: tuple[Path, Problem]) -> int:
            path = entry[0]
            above = (path[:length] for length in range(len(path), 0, -1))
            return next((order[known] for known in above if known in order), -1)

        return tuple(problem for _, problem in sorted(self._found, key=position))


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in the file, with the list that its mistakes go to."""

    mistakes: Mistakes
    path: Path = ()

    def child(self, key: str | int) -> Place:
        """Return the place of *key*, or of the entry with that number, below this one."""
        return Place(self.mistakes, (*self.path, key))

    def report(self, found: str, wanted: str, hint: str | None = None) -> None:
        """Report a mistake here, in words."""
        self.mistakes.add(self.path, Objection(found, wanted, hint))

    def reject(self, value: object, wanted: str, hint: str | None = None) -> None:
        """Report that *value* cannot stand here."""
        self.report(shown(value), wanted, hint)

    def unknown(self, owner: str, known: Iterable[str], hint: str | None = None) -> None:
        """Report that *owner* has no such key, only the *known* ones."""
        names = tuple(known)
        key = str(self.path[-1])
        wanted = f"a key of {owner}" + (f": {', '.join(names)}" if len(names) <= _MANY else "")
        if key in self.mistakes.above:
            hint = "it stands at the top of the file, above the first [table]"
        word = normalize("NFC", key).lower()
        known_as = (name for name in otherwise.KEYS.get(word, ()) if name in names)
        hint = hint or _IMPOSSIBLE.get(word) or next(known_as, None) or nearest(key, names)
        self.report("an unknown key", wanted, hint)


def shown(value: object) -> str:
    """
    Return what *value* is in plain words, however long it is.

    >>> shown(400), shown([1]), shown("x")
    ('the number 400', 'a list', '"x"')
    """
    if isinstance(value, str):
        return f'"{printable(value)}"' if value else "an empty text"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > 128:
        return "a huge number"
    if isinstance(value, int | float):
        return f"the number {value}"
    kinds = ((list, "list"), (Mapping, "table"), (date, "date"), (time, "time"))
    kind = next((name for kind, name in kinds if isinstance(value, kind)), "value")
    return f"an empty {kind}" if value in ([], {}) else f"a {kind}"


def printable(text: str) -> str:
    """Return *text* in one line of at most 60 characters, with none that cannot be seen."""
    short = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    seen = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in short)
    return seen if len(seen) <= LONGEST else seen[: LONGEST - 1] + "…"


def nearest(word: str, known: Iterable[str], alike: float = _ALIKE) -> str | None:
    """Return the one of *known* that *word* was most likely meant to be, or None."""
    import difflib  # for mistakes alone

    near = difflib.get_close_matches(word[:LONGEST].lower(), tuple(known), n=1, cutoff=alike)
    return near[0] if near else None


def unaccented(text: str) -> str:
    """
    Return *text* in small letters without accents, as who lacks the keys for them writes it.

    >>> unaccented("Türkei"), unaccented("Éire")
    ('tuerkei', 'eire')
    """
    plain = normalize("NFC", text).lower().translate(_UMLAUTS)
    return "".join(char for char in normalize("NFD", plain) if not combining(char))


def _spelled(path: Path) -> str:
    return ".".join(f"#{key}" if isinstance(key, int) else _key(key) for key in path)


def _key(key: str) -> str:
    bare = _BARE_KEY.fullmatch(key) and len(key) <= LONGEST
    return key if bare else f'"{printable(key)}"'


def _places(value: object, path: Path = ()) -> Iterator[Path]:
    if len(path) == _DEEPEST:
        return
    rows: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, Mapping):
        rows = value.items()
    elif isinstance(value, list):
        rows = enumerate(value, start=1)
    for key, row in rows:
        yield (*path, key)
        yield from _places(row, (*path, key))
