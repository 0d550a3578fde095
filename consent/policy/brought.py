"""
Languages that have no texts here, and that a site brings itself: one file has all of them.

``[texts]`` names it, ``uk = "consent.uk.toml"``. It is like those in ``texts/``, and what
``flask consent texts uk`` prints to be translated. What countries, days and periods are called
is known of any language that Unicode CLDR knows well enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from consent.errors import PolicyError
from consent.policy import phrases, toml, wording
from consent.policy.mistakes import Place, printable
from consent.policy.signs import UNSEEN
from consent.policy.tables import Table
from consent.policy.values import (
    ANOTHER_LANGUAGE,
    Definitions,
    Fragment,
    OneOf,
    Pattern,
    Text,
    language_tags,
)

_FILE = Pattern(
    wanted='the file that has all texts of it, such as "consent.uk.toml"',
    pattern=f"[^{UNSEEN}]+",
    name="another-language-file",
)

#: A text of ours that depends on a number.
_NUMBERED = re.compile(r"(?P<stem>.+)\.(?P<form>one|other)")


def tags(table: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the languages that a policy file, read as *table*, names files for."""
    texts = table.get("texts")
    files = texts.items() if isinstance(texts, Mapping) else ()
    return tuple(tag for tag, file in files if isinstance(file, str) and can_be(tag))


def can_be(tag: str) -> bool:
    """Tell whether *tag* is a language that has no texts here, and of which enough is known."""
    return (
        bool(re.search(ANOTHER_LANGUAGE, tag))
        and tag not in wording.languages()
        and wording.is_known(tag)
    )


def hint(tag: str) -> str | None:
    """Say how a site gets the language *tag*; None if it cannot be had."""
    if not can_be(tag):
        return None
    return f'{tag} = "consent.{tag}.toml" below [texts]; flask consent texts {tag} prints that file'


def standards(tag: str) -> dict[str, str]:
    """Return all keys that the language *tag* has, with what they say in English."""
    english, forms, result = wording.texts("en"), wording.plural_forms(tag), {}
    for key, text in english.items():
        numbered = _NUMBERED.fullmatch(key)
        if numbered is None or f"{numbered['stem']}.one" not in english:
            result[key] = text
        elif numbered["form"] == "other":
            for form in forms:
                near = f"{numbered['stem']}.{'one' if form == 'one' else 'other'}"
                result[f"{numbered['stem']}.{form}"] = english[near]
    return result


def untranslated(tag: str, texts: Mapping[str, str]) -> list[str]:
    """Return the keys of *texts* in the language *tag* that say a whole sentence in English."""
    english = standards(tag)
    return [key for key, text in texts.items() if text == english[key] and text.count(" ") > 1]


def template(tag: str) -> str:
    """Return the file for the language *tag* in English, to be translated."""
    return "\n".join(_template(tag)) + "\n"


def _template(tag: str) -> Iterator[str]:
    names = " / ".join(sorted(wording.language_names(tag)))
    yield f"# {names}: what stands in quotes is to be translated, but for names in braces."
    yield "# What ends in one, few or the like depends on a number, as Unicode CLDR has it:"
    yield "# https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html"
    table = ""
    for key, text in standards(tag).items():
        head, _, rest = key.partition(".")
        if head != table:
            table = head
            yield f"\n[{table}]"
        spelled = text.replace("\\", "\\\\").replace('"', '\\"')
        yield f'{rest} = "{spelled}"'


def own_text(language: str, key: str, standard: str) -> Text:
    """Return the value that may stand under *key* in place of the text *standard*."""
    objection = partial(phrases.own_wording, language, key, standard)
    return Text(wanted="a text in quotes", objection=objection, name="text")


@dataclass(frozen=True, kw_only=True)
class Texts(Table):
    """The table of texts by language: of ours some, of any other the file that has all."""

    def _known(self, given: Mapping[str, object], at: Place) -> Iterator[tuple[str, Any]]:
        brought = {tag: file for tag, file in given.items() if tag in at.mistakes.brought}
        yield from super()._known({k: v for k, v in given.items() if k not in brought}, at)
        for tag, file in brought.items():
            if (read := _read(tag, file, at.child(tag))) is not None:
                yield tag, read

    def fragment(self, definitions: Definitions) -> Fragment:
        others = {
            "propertyNames": language_tags(),
            "additionalProperties": _FILE.schema(definitions),
        }
        return {**super().fragment(definitions), **others}


@dataclass(frozen=True, kw_only=True)
class Language(OneOf):
    """A language that has texts here, or that the site brings."""

    def read(self, given: object, at: Place) -> str | None:
        if isinstance(given, str) and given in at.mistakes.brought:
            return given
        return super().read(given, at)

    def fragment(self, definitions: Definitions) -> Fragment:  # noqa: ARG002
        return language_tags()


def _read(tag: str, file: object, at: Place) -> dict[str, str] | None:
    name = _FILE.read(file, at)
    if name is None:
        return None
    try:
        table = toml.load(at.mistakes.folder / name, "a file with all texts of this language")
    except PolicyError as error:
        for problem in error.problems:
            at.report(f"{printable(name)}: {problem.found}", problem.wanted, problem.hint)
        return None
    given, wanted = dict(wording.flat(table)), standards(tag)
    for key in given:
        if key not in wanted:
            at.child(key).unknown("the texts", wanted)
    result = {}
    for key, standard in wanted.items():
        if key not in given:
            at.child(key).report(f"nothing in {printable(name)}", f'what says "{standard}"')
        elif (text := own_text(tag, key, standard).read(given[key], at.child(key))) is not None:
            result[key] = text
    return result
