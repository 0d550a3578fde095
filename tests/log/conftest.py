"""What the tests of the log have in common: a database, and a store in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from consent.log import uuid7
from consent.log.seal import Sealer
from consent.log.store import Store
from tests import postgres
from tests.log.samples import SITE, SOFTWARE


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database that does not exist yet. A class for PostgreSQL overrides it, and only it."""
    return f"sqlite:///{tmp_path}/instance/consent.db"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The PostgreSQL server of this run of the tests, whatever the number of its processes."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    try:
        with postgres.shared(folder / "postgres") as url:
            yield url
    except postgres.NotInstalledError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def postgresql(server: str) -> str:
    """An empty database on PostgreSQL."""
    return postgres.database(server)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """The log of one site."""
    store = Store(url, SITE)
    yield store
    store.close()


@pytest.fixture
def sealer(store: Store, tmp_path: Path) -> Sealer:
    """What seals that log."""
    return Sealer(store, tmp_path / "keys" / "consent.key", SOFTWARE)


@pytest.fixture
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids without randomness, so that events are the same in each run."""
    monkeypatch.setattr(uuid7, "randbits", lambda bits: 0x18C4DC0C0C07398F)
