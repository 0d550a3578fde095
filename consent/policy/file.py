"""
Read a policy file, or say everything that is wrong with it.

    consent.toml -> TOML -> fields one by one -> services against each other -> Policy
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from consent.errors import PolicyError, Problem
from consent.policy import phrases, wording
from consent.policy.document import built_in, document, languages
from consent.policy.facts import check, facts
from consent.policy.mistakes import Mistakes, Place, printable
from consent.policy.model import Duration, Policy, Purpose, Service, Words

#: How long evidence is kept, counted from the end of the year in which a consent ended: until
#: claims (§§ 195, 199 BGB) and fines (§ 31 OWiG) are out of time.
RETENTION = Duration(3, "year")

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

_TWICE = "what belongs to it stands below one such line"

#: What word processors make of quotes.
_CURLY = re.compile("[“”„‟‘’‚‛«»‹›]")


def read(path: str | Path) -> Policy:
    """Return the policy in the TOML file *path*. Raises PolicyError with all its mistakes."""
    return parse(_load(path), str(path))


def parse(table: Mapping[str, Any], file: str) -> Policy:
    """
    Return the policy that *table* declares; *file* is what its mistakes are reported for.

    Raises PolicyError with all mistakes in the order of *table*.
    """
    whole = document()
    mistakes = Mistakes(_languages(table), tuple(field.name for field in whole.fields))
    root = Place(mistakes)
    given = whole.read(table, root)
    controller, declared = given.get("controller"), given.get("services", {})
    services = {id: facts(id.lower(), row, controller) for id, row in declared.items()}
    for id, row in declared.items():
        check(services[id], row, _purpose_ids(table), root.child("services").child(id))
    _ask_parents(table, root)
    phrases.tell_apart(given.get("texts", {}), root.child("texts"))
    if mistakes:
        raise PolicyError(file, mistakes.in_order_of(table))
    return _policy(given, tuple(Service(**row) for row in services.values()))


def _load(path: str | Path) -> dict[str, Any]:
    text = ""
    try:
        # Editors on Windows put a mark before the text, which TOML does not know.
        text = Path(path).read_bytes().decode("utf-8-sig")
        return tomllib.loads(text)
    except FileNotFoundError:
        problem = Problem("", "no such file", "a policy file")
    except UnicodeDecodeError as error:
        problem = _not_utf_8(error)
    except OSError as error:
        reason = printable((error.strerror or "no reason given").lower())
        problem = Problem("", f"a file that cannot be read ({reason})", "a policy file")
    except (ValueError, RecursionError) as error:
        problem = _not_toml(error, text)
    raise PolicyError(str(path), (problem,))


def _not_utf_8(error: UnicodeDecodeError) -> Problem:
    line = error.object[: error.start].count(b"\n") + 1
    found = f"bytes in line {line} that are not UTF-8"
    return Problem("", found, "a text file in UTF-8", "save it again with the encoding UTF-8")


def _not_toml(error: ValueError | RecursionError, text: str) -> Problem:
    what, _, where = str(error).partition(" (at ")
    place = f" at {where.removesuffix(')')}" if where else ""
    what = _TUPLE.sub(lambda spelled: f"[{'.'.join(_KEY.findall(spelled[0]))}]", what)
    found = f"a mistake{place}: {printable(what[:1].lower() + what[1:])}"
    hint = _HELP.get(what) or (_TWICE if what.endswith("twice") else None)
    match = _PLACE.match(where)
    row, column = (int(match[1]) - 1, int(match[2]) - 1) if match else (0, 0)
    line = text.split("\n")[row] if match else ""
    sign = line[column : column + 1]
    if not sign.isprintable() and sign not in "\t\r":
        hint = f"a sign that nobody sees stands there, U+{ord(sign):04X}; type the line anew"
    elif _CURLY.search(line):
        hint = 'a text stands in straight quotes, as in "verein.example"'
    return Problem("", found, "TOML", hint)


def _languages(table: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the site's languages, none if they cannot be read."""
    field, mistakes = languages(), Mistakes()
    if field.name not in table:
        return tuple(field.default)
    read = field.value.read(table[field.name], Place(mistakes))
    return () if mistakes else tuple(read)


def _ask_parents(table: Mapping[str, Any], root: Place) -> None:
    """Report optional services for children if nothing is said of their parents (Art. 8 GDPR)."""
    if table.get("audience") == "children" and table.get("services") and "parents" not in table:
        root.child("services").report(
            "optional ones on a site for children",
            "none, as children under 16 cannot consent without their parents (Art. 8 GDPR)",
            'or tell visitors how parents agree: parents = "…", above the first [table]',
        )


def _purpose_ids(table: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of all purposes that exist, even of those with mistakes."""
    declared = table.get("purposes")
    return (*(declared if isinstance(declared, Mapping) else ()), *built_in())


def _policy(given: Mapping[str, Any], services: tuple[Service, ...]) -> Policy:
    own, used = given.get("purposes", {}), [id for service in services for id in service.purposes]
    order = [id for id in dict.fromkeys((*own, *used)) if id in used]
    return Policy(
        site=given["site"],
        controller=given["controller"],
        links=given["links"],
        languages=given["languages"],
        lifetime=given["lifetime"],
        retention=given.get("retention", RETENTION),
        placement=given["placement"],
        tone=given["tone"],
        audience=given["audience"],
        parents=given.get("parents"),
        signals=given["signals"],
        own_hosts=given["own_hosts"],
        unknown=given["unknown"],
        ungranted=given["ungranted"],
        purposes=tuple(_purpose(id, own.get(id, {}), given) for id in order),
        services=services,
        essential=given.get("essential", ()),
        texts=given.get("texts", {}),
    )


def _purpose(id: str, own: Mapping[str, Words], given: Mapping[str, Any]) -> Purpose:
    def words(part: str) -> Words:
        key = f"purposes.{id}.{part}"
        if part in own:
            return own[part]
        return {tag: wording.texts(tag, given["tone"])[key] for tag in given["languages"]}

    return Purpose(
        id=id,
        title=words("title"),
        description=words("description"),
        without=words("without"),
    )
