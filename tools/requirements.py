"""
Write docs/requirements.md: what is asked of a consent banner, and which tests show it.

The statements stand in docs/requirements.toml, the rest is read from the tests: a test shows
the requirements that the docstring of its function names.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parents[1]
STATEMENTS = ROOT / "docs" / "requirements.toml"
TABLE = ROOT / "docs" / "requirements.md"
WEIGHTS = ("must", "should", "nice")

ID = re.compile(r"\b(?:FL|SL|PS|GA|EV|WD|RP|SG|AU|SE|AX|LA)-\d\d\b")

HEAD = """\
# Requirements and the tests that show them

What the law, the authorities and good practice ask of a consent banner, in our own words; not
legal advice. Written by `make docs` from [requirements.toml](requirements.toml) and from the
docstrings of the tests: change those, not this page. The numbers say how many are shown.
"""


@dataclass(frozen=True)
class Requirement:
    """One statement that holds or does not hold."""

    id: str
    group: str  #: the title of its group
    weight: str  #: must, should or nice
    says: str
    law: str = ""
    by_hand: str = ""  #: what a person does where no test can decide


def requirements() -> Iterator[Requirement]:
    """Read all requirements, in the order of the file."""
    for prefix, group in tomllib.loads(STATEMENTS.read_text(encoding="utf-8")).items():
        title = group.pop("title")
        for number, entry in group.items():
            (weight,) = entry.keys() & set(WEIGHTS)
            says = entry.pop(weight)
            yield Requirement(f"{prefix}-{number}", title, weight, says, **entry)


def promises(path: Path) -> Iterator[tuple[str, str]]:
    """Read the tests in a file: name, with that of its class, and docstring."""

    def inside(body: list[ast.stmt], name: str) -> Iterator[tuple[str, str]]:
        for node in body:
            if isinstance(node, ast.ClassDef):
                yield from inside(node.body, f"{name}{node.name}::")
            elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield name + node.name, ast.get_docstring(node) or ""

    yield from inside(ast.parse(path.read_text(encoding="utf-8")).body, "")


def shown() -> dict[str, list[tuple[str, str]]]:
    """Return for each id that is named the tests that name it, as file and name."""
    found = defaultdict(list)
    for path in sorted(ROOT.glob("tests/**/test_*.py")):
        file = path.relative_to(ROOT).as_posix()
        for name, promise in promises(path):
            for id in dict.fromkeys(ID.findall(promise)):
                found[id].append((file, name))
    return dict(found)


def table() -> str:
    """Return the page."""
    tests = shown()
    groups = [(title, list(rows)) for title, rows in groupby(requirements(), lambda r: r.group)]
    lines = [HEAD, "| group | must | should | nice |", "| --- | --- | --- | --- |"]
    for title, rows in groups:
        anchor = title.lower().replace(" ", "-")
        counts = " | ".join(_count(rows, weight, tests) for weight in WEIGHTS)
        lines.append(f"| [{title}](#{anchor}) | {counts} |")
    for title, rows in groups:
        lines += ["", f"## {title}", "", "| id | | statement | shown by |"]
        lines.append("| --- | --- | --- | --- |")
        lines += [_row(row, tests.get(row.id, [])) for row in rows]
    return "\n".join(lines) + "\n"


def _count(rows: list[Requirement], weight: str, tests: dict[str, list[tuple[str, str]]]) -> str:
    of = [row for row in rows if row.weight == weight]
    done = [row for row in of if row.id in tests or row.by_hand]
    return f"{len(done)} of {len(of)}" if of else ""


def _row(row: Requirement, tests: list[tuple[str, str]]) -> str:
    says = row.says + (f"<br>*{row.law}*" if row.law else "")
    ways = [f"[{file.removeprefix('tests/')}::{name}](../{file})" for file, name in tests]
    if row.by_hand:
        ways.append(f"By hand: {row.by_hand}")
    return f"| {row.id} | {row.weight} | {says} | {'<br>'.join(ways) or 'nothing yet'} |"


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
