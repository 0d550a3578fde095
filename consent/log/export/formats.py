"""The formats that events can be had in, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from consent.errors import LogError
from consent.log.document import Document
from consent.log.export.columns import Columns
from consent.log.export.table import Table
from consent.log.export.workbook import Workbook
from consent.log.export.writer import Lines, Writer


@dataclass(frozen=True, slots=True)
class Source:
    """Where a format finds what events refer to, and what it calls this place."""

    documents: Callable[[str], Document | None]
    address: str  #: of the site's own routes, such as https://example.org/consent


@dataclass(frozen=True, slots=True)
class Format:
    """One format."""

    ending: str  #: of the names of its files
    media_type: str
    begin: Callable[[BinaryIO, Source], Writer]
    decisions_only: bool = False
    grows: bool = True  #: whether it is written as events come; else all at the end


def _records(file: BinaryIO, source: Source) -> Writer:
    # Not in every process of a site: what a vocabulary needs is for this format alone.
    from consent.log.export.records import Records

    return Records(file, source.documents, source.address)


FORMATS = {
    "jsonl": Format(".jsonl", "application/x-ndjson", lambda file, _: Lines(file)),
    "csv": Format(".csv", "text/csv", lambda file, _: Table(file)),
    "csv-excel": Format(".csv", "text/csv", lambda file, _: Table(file, excel=True)),
    "xlsx": Format(
        ".xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        lambda file, _: Workbook(file),
        grows=False,
    ),
    "parquet": Format(".parquet", "application/vnd.apache.parquet", lambda file, _: Columns(file)),
    "jsonld": Format(
        ".jsonld",
        "application/ld+json",
        _records,
        decisions_only=True,
    ),
}


def format_of(name: str) -> Format:
    """Return the format of this *name*. Raises LogError if there is none."""
    if name not in FORMATS:
        raise LogError(f"found the format {name[:32]!r}, wanted one of {', '.join(FORMATS)}")
    return FORMATS[name]
