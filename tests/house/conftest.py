"""What the rules of the house are checked against."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def files() -> list[Path]:
    """The project's own files relative to its root: committed ones and new ones."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    names = sorted(set(answer.stdout.split("\0")) - {""})
    return [Path(name) for name in names if (ROOT / name).is_file()]
