"""What native readers of a language look for in its texts, and what a compositor knows."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

LANGUAGES = Path(__file__).parent / "languages"


@cache
def reader(language: str) -> dict[str, str]:
    """Return what a reader of *language* looks for."""
    return tomllib.loads((LANGUAGES / f"{language}.toml").read_text(encoding="utf-8"))


def says(language: str, what: str, text: str) -> bool:
    """Tell whether *text* says *what*, in words of *language*, wherever its lines may break."""
    plain = text.replace("\u00a0", " ")
    return re.search(reader(language)[what], plain, re.IGNORECASE) is not None
