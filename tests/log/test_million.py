"""A large export, one byte altered: all that check find it. CONSENTRY_LONG=1 makes it a million."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import rows
from consent.log import bundle, verify
from consent.log.bundle import Request
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.log.samples import SOFTWARE
from tests.log.test_foreign import SCRIPT, go, go_program, needs, unzipped

ROWS = 1_000_000 if os.environ.get("CONSENTRY_LONG") else 5_000

__all__ = ["go", "go_program"]  # fixtures


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> tuple[Path, list[str]]:
    """A large bundle, unpacked, and its keys."""
    folder = tmp_path_factory.mktemp("large")
    url = f"sqlite:///{folder}/consent.db"
    rows.fill(url, ROWS)
    store = Store(url, rows.SITE)
    sealer = Sealer(store, folder / "consent.key", SOFTWARE)
    sealer.seal()
    bundle.to_file(sealer, folder / "b.zip", Request("Müller", SOFTWARE, time.time_ns()))
    store.close()
    return unzipped(folder / "b.zip", folder / "b")


def checked(folder: Path, vkey: str) -> subprocess.CompletedProcess:
    """Run the one file as an auditor does, and tell how long it took."""
    command = [sys.executable, "-I", verify.__file__, folder, "--vkey", vkey, "--lang", "en"]
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True)
    print(f"checked {ROWS:,} events in {time.monotonic() - start:.0f} s: {done.stdout[:200]}")
    return done


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_one_byte_altered_among_many_events_is_found_by_all_three(exported, go, seed, tmp_path):
    """
    In a large export that all three prove, one altered byte anywhere is found by all three (EV-08).
    """
    needs("openssl", "sha256sum", "xxd")
    folder, vkeys = exported
    shell = ["sh", SCRIPT, "--no-root", "--leaves", "20", folder, vkeys[1]]
    if not seed:
        assert checked(folder, vkeys[1]).returncode == 0
        assert go(folder, *vkeys).returncode == 0
        assert subprocess.run(shell, capture_output=True).returncode == 0
    chance = random.Random(seed)
    names = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    path = max(names, key=lambda p: p.stat().st_size) if not seed else chance.choice(names)
    shutil.copyfile(path, tmp_path / "kept")
    try:
        at = chance.randrange(path.stat().st_size)
        with path.open("r+b") as file:
            file.seek(at)
            byte = file.read(1)[0] ^ 1 << chance.randrange(8)
            file.seek(at)
            file.write(bytes([byte]))

        done = checked(folder, vkeys[1])
        assert done.returncode != 0
        assert go(folder, *vkeys).returncode != 0
        assert subprocess.run(shell, capture_output=True).returncode != 0
    finally:
        shutil.copyfile(tmp_path / "kept", path)
