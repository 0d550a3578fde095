"""Tables of the policy file, as lists of fields that reader and schema share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from consent.policy.mistakes import Place
from consent.policy.signs import UNSEEN
from consent.policy.values import (
    Definitions,
    Fragment,
    Pattern,
    Value,
    language_tags,
    no_hint,
)

#: What stands in [texts] under a language that the site brings itself.
BROUGHT = Pattern(
    wanted='the file that has all texts of it, such as "consent.uk.toml"',
    pattern=f"[^{UNSEEN}]+",
    name="another-language-file",
)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One key of a table."""

    name: str
    value: Value
    about: str = ""  #: one sentence, shown by editors
    required: bool = False
    default: Any = None  #: stands in where the key is missing; None: nothing does

    def schema(self, definitions: Definitions) -> Fragment:
        """Return the schema of the value with what is said about it."""
        more: Fragment = {"description": self.about} if self.about else {}
        if self.default is not None:
            listed = isinstance(self.default, tuple)
            more["default"] = list(self.default) if listed else self.default
        return {**self.value.schema(definitions), **more}


@dataclass(frozen=True, kw_only=True)
class Table(Value):
    """A table with certain keys and no others."""

    noun: str  #: what the table describes, such as "a service"
    fields: tuple[Field, ...]
    either: tuple[str, ...] = ()  #: of these keys one at most
    needs_either: bool = False  #: and one at least
    make: Callable[..., Any] | None = None  #: makes the result of all fields; None: a dict
    elsewhere: Callable[[object], str | None] = no_hint  #: where a key belongs that is not here
    brought: bool = False  #: a language that the site brings may be a key, too

    def overriding(self, *more: Field, name: str) -> Table:
        """Return this table with no key required, except for *more* in front of its fields."""
        loose = tuple(replace(field, required=False) for field in self.fields)
        return replace(self, fields=(*more, *loose), needs_either=False, name=name)

    def read(self, given: object, at: Place) -> Any:
        if not isinstance(given, Mapping):
            single = isinstance(given, list) and len(at.path) == 1
            at.reject(given, self.wanted, f"[{at.path[0]}], in single brackets" if single else None)
            return None
        before = len(at.mistakes)
        result = dict(self._known(given, at))
        self._missing(given, at)
        self._either(given, at)
        result = {**self._defaults(), **result}
        if self.make is None:
            return result
        return self.make(**result) if len(at.mistakes) == before else None

    def _known(self, given: Mapping[str, object], at: Place) -> Iterator[tuple[str, Any]]:
        fields = {field.name: field for field in self.fields}
        for key, value in given.items():
            if self.brought and key in at.mistakes.brought:
                if (texts := at.mistakes.brought[key](value, at.child(key))) is not None:
                    yield key, texts
            elif key not in fields:
                at.child(key).unknown(self.noun, fields, self._unquoted(key, value))
            elif (read := fields[key].value.read(value, at.child(key))) is not None:
                yield key, read

    def _unquoted(self, key: str, value: object) -> str | None:
        """Return what to do about a *key* with a dot that TOML took apart, or that is elsewhere."""
        below = value if isinstance(value, Mapping) else {}
        within = [field.name for field in self.fields if field.name.startswith(f"{key}.")]
        meant = [name for name in within if name.removeprefix(f"{key}.") in below]
        return f'in quotes: "{(meant or within)[0]}"' if within else self.elsewhere(key)

    def _missing(self, given: Mapping[str, object], at: Place) -> None:
        for field in self.fields:
            if field.required and field.name not in given:
                at.child(field.name).report("nothing", field.value.wanted)

    def _either(self, given: Mapping[str, object], at: Place) -> None:
        present = [name for name in self.either if name in given]
        if len(present) > 1:
            at.child(present[-1]).report(f"both {' and '.join(present)}", "one of the two")
        if self.needs_either and not present:
            value = next(field.value for field in self.fields if field.name == self.either[0])
            at.child(self.either[0]).report("nothing", value.wanted)

    def _defaults(self) -> dict[str, Any]:
        return {field.name: field.default for field in self.fields if field.default is not None}

    def fragment(self, definitions: Definitions) -> Fragment:
        table: Fragment = {
            "type": "object",
            "properties": {field.name: field.schema(definitions) for field in self.fields},
            "additionalProperties": False,
        }
        if self.brought:
            table["propertyNames"] = language_tags()
            table["additionalProperties"] = BROUGHT.schema(definitions)
        required = [field.name for field in self.fields if field.required]
        if required:
            table["required"] = required
        if self.needs_either:
            table["oneOf"] = [{"required": [name]} for name in self.either]
        elif self.either:
            table["not"] = {"required": list(self.either)}
        return table


@dataclass(frozen=True, kw_only=True)
class Deferred(Value):
    """A table that is made when it is needed: most files need few of the many languages."""

    make: Callable[[], Table]

    def read(self, given: object, at: Place) -> Any:
        return self.make().read(given, at)

    def schema(self, definitions: Definitions) -> Fragment:
        return self.make().schema(definitions)

    def fragment(self, definitions: Definitions) -> Fragment:
        return self.make().fragment(definitions)


@dataclass(frozen=True, kw_only=True)
class Keyed(Value):
    """Tables of one kind, each under an id of its own."""

    id: Pattern
    choose: Callable[[str, Mapping[str, object], Place], Table]
    named: Callable[[], Mapping[str, tuple[Table, str]]]  #: by id, with a description
    other: Callable[[Definitions], Fragment]  #: schema of the tables with any other id

    def read(self, given: object, at: Place) -> dict[str, Any] | None:
        if not isinstance(given, Mapping):
            at.reject(given, self.wanted)
            return None
        result = {}
        for id, row in given.items():
            self.id.read(id, at.child(id))
            # A capital letter in the id does not keep the mistakes below it unseen.
            if not self.id.fits(id.lower()):
                continue
            table = self._table(id.lower(), row, at.child(id))
            if table and (read := table.read(row, at.child(id))) is not None:
                result[id] = read
        return result

    def _table(self, id: str, row: object, at: Place) -> Table | None:
        if isinstance(row, Mapping):
            return self.choose(id, row, at)
        at.reject(row, "a table", f"[{at.path[0]}.{id}]")
        return None

    def fragment(self, definitions: Definitions) -> Fragment:
        return {
            "type": "object",
            "propertyNames": self.id.schema(definitions),
            "properties": {
                id: {**table.schema(definitions), "description": about}
                for id, (table, about) in self.named().items()
            },
            "additionalProperties": self.other(definitions),
        }
