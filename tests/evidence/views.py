"""What is in an export that is a view, read by other people's code."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
from pyarrow import parquet


def ids(format: str, path: Path) -> list[str]:
    """Return the ids of the events in an export."""
    if format == "xlsx":
        book = openpyxl.load_workbook(path, read_only=True)
        head, *rows = book.worksheets[0].iter_rows(values_only=True)
        book.close()
        return [row[head.index("id")] for row in rows]
    if format == "parquet":
        return parquet.read_table(path).column("id").to_pylist()
    if format == "jsonld":
        nodes = json.loads(path.read_bytes())["@graph"]
        return [n["dct:identifier"] for n in nodes if n["@type"] == "dpv:ConsentRecord"]
    if format == "jsonl":
        return [json.loads(line)["id"] for line in path.read_bytes().split(b"\n")[:-1]]
    text = path.read_text("utf-8-sig")
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if "excel" in format else ",")
    return [row["id"] for row in reader]
