"""
What differs between two versions of a notice, for a reader.

Whether a change of a service is material is not judged here: the ``terms`` that each version
states decide (:mod:`consent.policy.terms`), as they decide whether visitors are asked again. Of a
service whose terms differ, the facts that go into them are marked; a change of anything else, of
a text above all, is never material.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

Operation = Literal["equal", "insert", "delete"]
Content = Mapping[str, Any]

#: Words and what stands between them.
_WORDS = re.compile(r"\s+|[^\s]+")

#: Lines that are compared of a file or a layer, and lines round a change that are shown.
LINES, CONTEXT = 2_000, 2


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text that stayed, came, or went."""

    operation: Operation
    text: str


@dataclass(frozen=True, slots=True)
class Changed:
    """One text or fact that changed; *old* or *new* is None where it was not there."""

    key: str
    old: str | None
    new: str | None
    material: bool = False

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Both texts as one, word by word."""
        return words(self.old or "", self.new or "")


@dataclass(frozen=True, slots=True)
class ServiceChange:
    """One service that came, went or changed."""

    id: str
    name: str
    kind: Literal["added", "removed", "changed"]
    material: bool  #: whether its terms differ, so that visitors were asked (again) about it
    facts: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs."""

    services: tuple[ServiceChange, ...]
    purposes: tuple[Changed, ...]
    facts: tuple[Changed, ...]  #: controller, links, lifetime and the like, essential entries
    texts: tuple[Changed, ...]
    layers: tuple[tuple[str, tuple[Piece, ...]], ...]  #: markup that was sent, line by line
    files: tuple[Changed, ...]  #: hashes of style sheets and scripts

    @property
    def is_material(self) -> bool:
        """Whether visitors were asked again about anything."""
        return any(service.material for service in self.services)

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        parts = (self.services, self.purposes, self.facts, self.texts, self.layers, self.files)
        return not any(parts)


def difference(old: Content, new: Content) -> Difference:
    """Return what the notice *new* says and shows otherwise than *old*."""
    return Difference(
        tuple(_services(old, new)),
        tuple(_purposes(old, new)),
        tuple(_changes(_facts(old), _facts(new))),
        tuple(_changes(old["texts"], new["texts"])),
        tuple(_layers(old["layers"], new["layers"])),
        tuple(_changes(old["files"], new["files"])),
    )


def words(old: str, new: str) -> tuple[Piece, ...]:
    """Return *old* and *new* as one text, word by word."""
    return tuple(_pieces(_WORDS.findall(old), _WORDS.findall(new), "".join))


def lines(old: str, new: str) -> tuple[Piece, ...]:
    """Return what differs, line by line, with a few lines round it; at most :data:`LINES`."""
    before, after = old.split("\n")[:LINES], new.split("\n")[:LINES]
    found: list[Piece] = []
    for group in SequenceMatcher(None, before, after).get_grouped_opcodes(CONTEXT):
        if found:
            found.append(Piece("equal", "…"))
        start, _, other, _ = group[0][1:]
        _, end, _, stop = group[-1][1:]
        found += _pieces(before[start:end], after[other:stop], "\n".join)
    return tuple(found)


def _pieces(
    old: Sequence[str], new: Sequence[str], join: Callable[[Sequence[str]], str]
) -> Iterator[Piece]:
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece("equal", join(old[a:b]))
        else:
            if b > a:
                yield Piece("delete", join(old[a:b]))
            if d > c:
                yield Piece("insert", join(new[c:d]))


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Changed]:
    for key in dict.fromkeys((*old, *new)):
        if old.get(key) != new.get(key):
            yield Changed(key, old.get(key), new.get(key))


def _services(old: Content, new: Content) -> Iterator[ServiceChange]:
    before = {service["id"]: service for service in old["services"]}
    after = {service["id"]: service for service in new["services"]}
    for id in dict.fromkeys((*before, *after)):
        if id not in after:
            yield ServiceChange(id, before[id]["name"], "removed", material=False, facts=())
            continue
        now = after[id]
        if id not in before:
            yield ServiceChange(id, now["name"], "added", material=True, facts=())
            continue
        material = before[id]["terms"] != now["terms"]
        facts = tuple(_service_facts(before[id], now, material=material))
        if facts or material:
            yield ServiceChange(id, now["name"], "changed", material, facts)


#: What goes into the terms of a service, by the field of a notice, and what is alike there.
_TERMS: Mapping[str, Callable[[Any], object]] = {
    "provider": lambda name: "".join(char for char in name.casefold() if char.isalnum()),
    "country": lambda code: code,
    "transfers": lambda rows: {row["code"] for row in rows},
    "safeguard": lambda ground: ground,
    "purposes": set,
    "practices": set,
    "items": lambda rows: {(row["kind"], row["duration"]) for row in rows},
}
#: What a notice says twice, or in the words of its language only.
_TOLD_ELSEWHERE = {"id", "terms", "country_name", "third_countries", "purpose_titles"}


def _service_facts(old: Content, new: Content, *, material: bool) -> Iterator[Changed]:
    for key in dict.fromkeys((*old, *new)):
        a, b = old.get(key), new.get(key)
        if key in _TOLD_ELSEWHERE or a == b:
            continue
        same = _TERMS.get(key)
        # What the version that wrote the older one had no word for is as if it said nothing.
        counts = material and same is not None and same(a or "") != same(b or "")
        if key == "country":
            a, b = old["country_name"], new["country_name"]
        yield Changed(key, _said(a), _said(b), counts)


def _purposes(old: Content, new: Content) -> Iterator[Changed]:
    def told(content: Content) -> dict[str, str]:
        return {
            f"{purpose['id']}.{key}": _said(value) or ""
            for purpose in content["purposes"]
            for key, value in purpose.items()
            if key not in ("id", "services")  # services say themselves what they are for
        }

    yield from _changes(told(old), told(new))


def _facts(content: Content) -> dict[str, str]:
    found: dict[str, str | None] = {}
    for key in ("controller", "links"):
        # The country stands there in words, too.
        told = {name: value for name, value in content[key].items() if name != "country"}
        found |= {f"{key}.{name}": _said(value) for name, value in told.items()}
    keys = ("language", "lifetime", "retention", "placement", "signals", "essential", "parents")
    for key in keys:
        found[key] = _said(content.get(key))
    return {key: value for key, value in found.items() if value is not None}


def _layers(
    old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[tuple[str, tuple[Piece, ...]]]:
    for change in _changes(old, new):
        yield change.key, lines(change.old or "", change.new or "")


def _said(value: Any) -> str | None:
    """Return a value of a notice as one text; None: it says nothing."""
    if value is None or value == "" or value == []:
        return None
    if isinstance(value, list):
        return "; ".join(_said(one) or "" for one in value)
    if isinstance(value, Mapping):
        if value.keys() == {"code", "name"}:
            return str(value["name"])
        return ", ".join(str(one) for key, one in value.items() if key != "kind")
    return str(value)
