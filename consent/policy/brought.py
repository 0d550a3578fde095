"""
Languages that have no texts here, and that a site brings itself: one file has all of them.

``[texts]`` names it, ``uk = "consent.uk.toml"``. It is like those in ``texts/``, and what
``flask consent texts uk`` prints to be translated. What countries, days and periods are called
is known of any language that Unicode CLDR knows well enough. Most sites bring none, and never load
this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from babel import Locale, localedata
from babel.units import format_unit

from consent.errors import PolicyError
from consent.policy import toml, wording
from consent.policy.mistakes import Place, printable
from consent.policy.phrases import own_text
from consent.policy.tables import BROUGHT
from consent.policy.values import ANOTHER_LANGUAGE

#: A text of ours that depends on a number.
_NUMBERED = re.compile(r"(?P<stem>.+)\.(?P<form>one|other)")


def can_be(tag: str) -> bool:
    """Tell whether *tag* is a language that has no texts here, and of which enough is known."""
    return (
        bool(re.fullmatch(ANOTHER_LANGUAGE, tag))
        and tag not in wording.languages()
        and _is_known(tag)
    )


@cache
def _is_known(tag: str) -> bool:
    """Tell whether Unicode CLDR knows what countries and periods are called in a language."""
    if not localedata.exists(tag):
        return False
    locale, root = Locale.parse(tag), Locale.parse("root")
    return "DE" in locale.territories and all(
        format_unit(6, unit, locale=locale) != format_unit(6, unit, locale=root)
        for unit in ("day", "week", "month", "year")
    )


def _plural_forms(tag: str) -> tuple[str, ...]:
    """Return the forms that a text with a number has, of those that Unicode CLDR names."""
    tags = Locale.parse(tag).plural_form.tags
    return (*(form for form in ("zero", "one", "two", "few", "many") if form in tags), "other")


def hint(tag: str) -> str | None:
    """Say how a site gets the language *tag*; None if it cannot be had."""
    if not can_be(tag):
        return None
    return f'{tag} = "consent.{tag}.toml" below [texts]; flask consent texts {tag} prints that file'


def standards(tag: str) -> dict[str, str]:
    """Return all keys that the language *tag* has, with what they say in English."""
    english, forms, result = wording.texts("en"), _plural_forms(tag), {}
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


def read(tag: str, file: object, at: Place) -> dict[str, str] | None:
    """Return all texts of the language *tag*, or report what is wrong with their *file*."""
    name = BROUGHT.read(file, at)
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
