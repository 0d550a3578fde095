"""
What may stand behind a key of the policy file.

Each value knows how to read what was given and how to describe itself as JSON Schema, from
the same pattern, list or limit, so that the two cannot disagree.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from consent.policy import otherwise, wording
from consent.policy.mistakes import Mistakes, Objection, Place, nearest, shown
from consent.policy.signs import CONTROL, HIDDEN, UNSEEN, WITHIN_WORDS, objection

#: What a language is called that has no texts here: none of a country or of a way to write.
ANOTHER_LANGUAGE = "^[a-z]{2,3}$"

Fragment = dict[str, Any]
Definitions = dict[str, Fragment]


def language_tags() -> Fragment:
    """Return the schema of a language: one of ours, or any that a site may bring."""
    ours = {"enum": list(wording.languages())}
    return {"anyOf": [ours, {"type": "string", "pattern": ANOTHER_LANGUAGE}]}


@dataclass(frozen=True, kw_only=True)
class Value(ABC):
    """Anything that may stand behind a key."""

    wanted: str  #: what may stand there, in words
    name: str | None = None  #: under which the schema defines it once; None: in place

    @abstractmethod
    def read(self, given: object, at: Place) -> Any:
        """Return what *given* means, or report at *at* why it cannot stand and return None."""

    @abstractmethod
    def fragment(self, definitions: Definitions) -> Fragment:
        """Return the schema of this value; what it refers to is put into *definitions*."""

    def schema(self, definitions: Definitions) -> Fragment:
        """Return the schema of this value, or a reference to it if it has a name."""
        if self.name is None:
            return self.fragment(definitions)
        if self.name not in definitions:
            definitions[self.name] = self.fragment(definitions)
        return {"$ref": f"#/$defs/{self.name}"}


def no_hint(given: object) -> str | None:  # noqa: ARG001
    """Know nothing better than *given*."""
    return None


def no_objection(text: str) -> Objection | None:  # noqa: ARG001
    """Take *text* as it is."""
    return None


@dataclass(frozen=True, kw_only=True)
class Pattern(Value):
    """A text of a certain form."""

    pattern: str
    longest: int = 2000  #: characters; what browsers take as an address
    reserved: tuple[str, ...] = ()
    never: str | None = None  #: another pattern, which is not found in it
    hint: Callable[[object], str | None] = no_hint
    make: Callable[[str], Any] = str

    def fits(self, text: str) -> bool:
        """Tell whether *text* has that form."""
        fitting = re.fullmatch(self.pattern, text) is not None
        fitting = fitting and not (self.never and re.search(self.never, text))
        return fitting and len(text) <= self.longest and text not in self.reserved

    def read(self, given: object, at: Place) -> Any:
        if isinstance(given, str) and self.fits(given):
            return self.make(given)
        at.reject(given, self.wanted, self.hint(given))
        return None

    def fragment(self, definitions: Definitions) -> Fragment:  # noqa: ARG002
        form = {"type": "string", "pattern": f"^({self.pattern})$", "maxLength": self.longest}
        never = {"pattern": self.never} if self.never else {"enum": list(self.reserved)}
        return {**form, "not": never} if self.never or self.reserved else form


@dataclass(frozen=True, kw_only=True)
class Text(Value):
    """Words for people: plain text in one line, never markup."""

    longest: int | None = None  #: characters; None: any number
    objection: Callable[[str], Objection | None] = no_objection

    def read(self, given: object, at: Place) -> str | None:
        objection = self._objection(given)
        if objection is None:
            return str(given)
        at.report(*objection)
        return None

    def _objection(self, given: object) -> Objection | None:
        if not isinstance(given, str):
            return Objection(shown(given), self.wanted)
        if (wrong := objection(given)) is not None:
            return wrong
        if not re.search(rf"[^\s{WITHIN_WORDS}]", given):
            return Objection("an empty text", self.wanted)
        if self.longest and len(given) > self.longest:
            return Objection(f"{len(given)} characters", self.wanted)
        return self.objection(given)

    def fragment(self, definitions: Definitions) -> Fragment:  # noqa: ARG002
        line = f"[^{CONTROL}{HIDDEN}]*"
        pattern = rf"^{line}[^{UNSEEN}\s]{line}$"
        limit = {"maxLength": self.longest} if self.longest else {}
        return {"type": "string", "pattern": pattern, **limit}


@dataclass(frozen=True, kw_only=True)
class Whole(Value):
    """A whole number between two limits."""

    least: int
    most: int
    count: Callable[[str], int | None]  #: what a text says as a number

    def read(self, given: object, at: Place) -> int | None:
        number = isinstance(given, int) and not isinstance(given, bool)
        if isinstance(given, int) and number and self.least <= given <= self.most:
            return given
        at.reject(given, self.wanted, self._hint(given))
        return None

    def _hint(self, given: object) -> str | None:
        if isinstance(given, str):
            digits = re.fullmatch("[0-9]{1,9}", given)
            number = int(given) if digits else self.count(given)
            fits = number is not None and self.least <= number <= self.most
            alone = "" if digits else "the number alone, "
            return f"{alone}without quotes: {number}" if fits else None
        if isinstance(given, float) and given.is_integer() and self.least <= given <= self.most:
            return f"without a point: {int(given)}"
        return str(self.most) if isinstance(given, int) and given > self.most else None

    def fragment(self, definitions: Definitions) -> Fragment:  # noqa: ARG002
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, kw_only=True)
class Flag(Value):
    """True or false."""

    def read(self, given: object, at: Place) -> bool | None:
        if isinstance(given, bool):
            return given
        at.reject(given, self.wanted)
        return None

    def fragment(self, definitions: Definitions) -> Fragment:  # noqa: ARG002
        return {"type": "boolean"}


@dataclass(frozen=True, kw_only=True)
class OneOf(Value):
    """One of a few words."""

    words: tuple[str, ...]
    hint: Callable[[object], str | None] = no_hint
    brought: bool = False  #: these are languages, and any that the site brings is one, too

    def read(self, given: object, at: Place) -> str | None:
        words = (*self.words, *at.mistakes.brought) if self.brought else self.words
        if isinstance(given, str) and given in words:
            return given
        at.reject(given, self.wanted, self.hint(given) or self._nearest(given))
        return None

    def _nearest(self, given: object) -> str | None:
        if not isinstance(given, str):
            return None
        meant = otherwise.WORDS.get(given.strip().lower())
        near = meant if meant in self.words else nearest(given, self.words)
        return f'"{near}"' if near else None

    def fragment(self, definitions: Definitions) -> Fragment:  # noqa: ARG002
        return language_tags() if self.brought else {"enum": list(self.words)}


def one_of(*words: str) -> OneOf:
    """Return the value that is one of *words*."""
    return OneOf(wanted="one of " + ", ".join(f'"{word}"' for word in words), words=words)


@dataclass(frozen=True, kw_only=True)
class Listed(Value):
    """A list."""

    of: Value
    least: int = 0
    unique: bool = True

    def read(self, given: object, at: Place) -> tuple[Any, ...] | None:
        if not isinstance(given, list) or len(given) < self.least:
            at.reject(given, self.wanted, self._hint(given))
            return None
        entries: list[Any] = []
        for number, entry in enumerate(given, start=1):
            read = self.of.read(entry, at.child(number))
            if self.unique and read in entries:
                at.child(number).report(f"{shown(entry)} again", "every entry only once")
            if read is not None:
                entries.append(read)
        return tuple(entries)

    def _hint(self, given: object) -> str | None:
        """Offer the list that a text is, in which entries may be parted by commas."""
        entries = re.split(r",\s*", given) if isinstance(given, str) else []
        alone = Mistakes()
        for entry in entries:
            self.of.read(entry, Place(alone))
        return None if alone or not entries else f"[{', '.join(map(shown, entries))}]"

    def fragment(self, definitions: Definitions) -> Fragment:
        rows = {"type": "array", "items": self.of.schema(definitions)}
        limits = {"minItems": self.least, "uniqueItems": self.unique}
        return {**rows, **{key: limit for key, limit in limits.items() if limit}}


@dataclass(frozen=True, kw_only=True)
class Words(Value):
    """A text, the same for every language or one for each of the site's."""

    text: Text

    def read(self, given: object, at: Place) -> dict[str, str] | None:
        if isinstance(given, str):
            text = self.text.read(given, at)
            return None if text is None else {"": text}
        if isinstance(given, Mapping):
            return self._by_language(given, at)
        at.reject(given, self.wanted)
        return None

    def _by_language(self, given: Mapping[str, object], at: Place) -> dict[str, str]:
        texts = {}
        for language, text in given.items():
            known = (*wording.languages(), *at.mistakes.brought)
            if language not in known:
                at.child(language).unknown("a text by language", known)
            elif (read := self.text.read(text, at.child(language))) is not None:
                texts[language] = read
        for language in at.mistakes.languages:
            if language not in given:
                at.child(language).report("nothing", "the text in every language of the site")
        return texts

    def fragment(self, definitions: Definitions) -> Fragment:
        text = self.text.schema(definitions)
        table = {
            "type": "object",
            "properties": dict.fromkeys(wording.languages(), text),
            "propertyNames": language_tags(),
            "additionalProperties": text,
            "minProperties": 1,
        }
        return {"anyOf": [text, table]}
