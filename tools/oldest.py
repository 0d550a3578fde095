"""
Print the oldest versions that setup.cfg allows, one requirement a line, for pip to install.

Of what only the tests use nobody has to know how old it may be.
"""

from __future__ import annotations

import configparser
import re
import sys
from pathlib import Path

SETUP = Path(__file__).parents[1] / "setup.cfg"

#: What the tests of each part need besides the package itself.
EXTRAS = ("postgres", "xlsx")


def oldest() -> list[str]:
    """
    Return the requirements of the package and of :data:`EXTRAS`, each held to its lowest version.

    Raises :class:`ValueError` where one of them names no lowest version.
    """
    parser = configparser.ConfigParser()
    parser.read(SETUP, encoding="utf-8")
    extras = parser["options.extras_require"]
    listed = [parser["options"]["install_requires"], *(extras[name] for name in EXTRAS)]
    return [_held(line) for text in listed for line in text.split("\n") if line]


def _held(line: str) -> str:
    parts = re.fullmatch(r"([\w\[\]-]+)>=([\d.]+)", line)
    if parts is None:
        raise ValueError(f"{SETUP}: {line!r} does not say how old it may be: name>=version")
    return "{}=={}".format(*parts.groups())


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in oldest())
