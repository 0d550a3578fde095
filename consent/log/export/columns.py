"""
Parquet: the columns of CSV with types, for programs that count.

Times are timestamps in UTC, days are dates, lists are lists, purposes a map, and what takes few
values is a dictionary. Rows are gathered in groups of a fixed number, which bounds the memory.
"""

from __future__ import annotations

from typing import Any, BinaryIO

from consent.log.export.line import COLUMNS, UNREADABLE, typed
from consent.log.export.writer import ExtraMissingError, Writer

#: Rows of a group; readers skip whole groups.
GROUP = 32_768

#: What takes few values.
_FEW = ("event", "kind", "control", "layer", "language", "notice", "site", "software")
_LISTS = ("granted", "refused", "undecided")


class Columns(Writer):
    """Events as columns, in groups of rows, in *target*."""

    def __init__(self, target: BinaryIO) -> None:
        try:
            import pyarrow as pa
            from pyarrow import parquet
        except ImportError:
            raise ExtraMissingError("parquet") from None
        self._arrow = pa
        self._schema = self._typed()
        self._file = parquet.ParquetWriter(target, self._schema, compression="zstd")
        self._batches: list[Any] = []
        self._rows = 0

    def add(self, events: list[bytes]) -> None:
        lines, details, times, days = zip(*map(typed, events), strict=True)
        columns: dict[str, Any] = {
            name: [getattr(line, name, None) for line in lines] for name in COLUMNS
        }
        columns["details"] = [text or None for text in details]
        columns["recorded_at"] = times
        columns["valid_until"] = days
        columns["purposes"] = [list(line.purposes.items()) for line in lines]
        self.unreadable += columns["event"].count(UNREADABLE)
        for name in _FEW:
            columns[name] = [value or None for value in columns[name]]
        arrays = [self._arrow.array(columns[field.name], field.type) for field in self._schema]
        self._batches.append(self._arrow.record_batch(arrays, schema=self._schema))
        self._rows += len(events)
        if self._rows >= GROUP:
            self._group()

    def close(self) -> None:
        if self._rows:
            self._group()
        self._file.close()

    def drop(self) -> None:
        self._file.close()

    def _group(self) -> None:
        table = self._arrow.Table.from_batches(self._batches)
        self._file.write_table(table.unify_dictionaries(), row_group_size=self._rows)
        self._batches, self._rows = [], 0

    def _typed(self) -> Any:
        arrow = self._arrow
        text = arrow.string()
        types = {
            "recorded_at": arrow.timestamp("ms", tz="UTC"),
            "valid_until": arrow.date32(),
            "purposes": arrow.map_(text, text),
            **dict.fromkeys(_LISTS, arrow.list_(text)),
            **dict.fromkeys(_FEW, arrow.dictionary(arrow.int32(), text)),
        }
        return arrow.schema([(name, types.get(name, text)) for name in COLUMNS])
