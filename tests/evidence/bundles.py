"""A bundle as an auditor holds it, read with nothing but zip and JSON."""

from __future__ import annotations

import json
import zipfile
from base64 import b64decode
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.evidence.state import checkpoint_in
from tests.log.bundles import b64, mth

Checkpoint = tuple[str, int, str]


@dataclass
class Bundle:
    """The bundle in the file *path*."""

    path: Path

    @cached_property
    def files(self) -> dict[str, bytes]:
        with zipfile.ZipFile(self.path) as zip:
            return {name: zip.read(name) for name in zip.namelist()}

    @cached_property
    def about(self) -> dict[str, Any]:
        """The manifest."""
        text = self.files["manifest.note"].decode()
        return json.loads(text.partition("\n")[2].rpartition("\n\n")[0])

    @cached_property
    def sizes(self) -> dict[str, int]:
        """How long each log is, by origin."""
        return {log["origin"]: log["size"] for log in self.about["logs"]}

    @property
    def is_of_days(self) -> bool:
        return bool(self.about["since"] or self.about["until"])

    @property
    def is_whole(self) -> bool:
        return not (self.is_of_days or self.about["from"] or self.about["sealed_until"])

    @property
    def bodies(self) -> list[bytes]:
        """The events that are given."""
        names = [f"{log['folder']}/events.jsonl" for log in self.about["logs"]]
        return [body for name in names for body in self.files[name].split(b"\n")[:-1]]

    @cached_property
    def note(self) -> Path:
        """The checkpoint with which it ends, in a file of its own."""
        file = self.path.with_suffix(".checkpoint")
        file.write_bytes(self.files[f"{self.about['logs'][-1]['folder']}/checkpoint.txt"])
        return file

    @property
    def end(self) -> Checkpoint:
        return checkpoint_in(self.note.read_text("utf-8"))

    @cached_property
    def hashes(self) -> dict[str, list[str]]:
        """The leaves of each log, by origin."""
        return {
            log["origin"]: [
                line.split(" ")[1]
                for line in self.files[f"{log['folder']}/leaves.txt"].decode().splitlines()
            ]
            for log in self.about["logs"]
        }

    def continues(self, checkpoint: Checkpoint) -> bool:
        """Tell whether the log of *checkpoint*, which reaches it, is the same up to there."""
        origin, size, root = checkpoint
        return b64(mth([b64decode(hash) for hash in self.hashes[origin][:size]])) == root
