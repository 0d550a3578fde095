"""
What the association's "CMS" keeps: articles as stored HTML, lists as TOML.

An article is a file with a TOML head between two ``+++`` lines; what follows is HTML as the
editors saved it, with the embed codes they pasted.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "content"


@dataclass(frozen=True, slots=True)
class Article:
    """One article."""

    slug: str
    title: str
    date: date
    author: str
    teaser: str
    picture: str
    alt: str  #: what the picture shows
    body: str  #: stored HTML, embeds as pasted


@cache
def articles() -> tuple[Article, ...]:
    """Return all articles, the newest first."""
    found = (_article(file) for file in (FOLDER / "articles").glob("*.html"))
    return tuple(sorted(found, key=lambda article: article.date, reverse=True))


def article(slug: str) -> Article | None:
    """Return the article with this slug, or None."""
    return next((one for one in articles() if one.slug == slug), None)


@cache
def listing(name: str) -> tuple[dict[str, Any], ...]:
    """Return the entries of ``events``, ``clubs`` or ``board``, in the order of the file."""
    return tuple(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))["entry"])


def _article(file: Path) -> Article:
    _, head, body = file.read_text(encoding="utf-8").split("+++\n", 2)
    return Article(slug=file.stem, body=body, **tomllib.loads(head))
