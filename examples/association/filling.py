"""The command ``flask consent demo-data``: it fills the log of the demo with an invented past."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import click
from sqlalchemy import Connection

from consent.commands.site import site_of, told
from consent.log.database import statements, tables
from consent.log.event import Event
from consent.log.merkle import tree
from consent.log.trees import SHARD
from consent.web.notices import Shown
from consent.web.site import Site

from .history import past

#: What the demo calls itself; nothing else is ever filled.
DEMO = "kreisverband-auental.example"

#: Events that are written in one transaction.
CHUNK = 10_000


@click.command("demo-data")
@click.option("--events", type=click.IntRange(100, 20_000_000), default=20_000, show_default=True)
@click.option("--anew", is_flag=True, help="Throw away what the demo has recorded before.")
@click.pass_context
def demo_data(context: click.Context, events: int, anew: bool) -> None:
    """
    Fill the log of the demo with invented decisions of the past twelve months, and seal them.

    For the demo alone: evidence of a real site is never invented.
    """
    site = site_of(context)
    file = _require_demo(site)
    if anew:
        _begin_anew(site, file)
    with told():
        if site.store.logs() or site.store.is_waiting():
            raise click.ClickException(
                "the demo has recorded something already, and a past cannot come after it\n"
                "    hint: stop the demo and add --anew, which throws that away"
            )
        with click.progressbar(length=events, label="invented") as bar:
            fill(site, events, bar.update)
    click.echo(f"{events} events invented, sealed and counted", err=True)


def fill(site: Site, events: int, progress: Callable[[int], object] = lambda _: None) -> None:
    """Record, seal and count *events* of an invented past, day by day as it would have been."""
    known: set[str] = set()
    with site.imagine_request():
        history = past(site)
        for end_ns, day in history.days(events):
            rest = iter([event for event, shown in day if not _is_first(site, event, shown, known)])
            while chunk := list(islice(rest, CHUNK)):
                site.store.transact(lambda connection, rows=chunk: _write(connection, rows, site))
            if day:
                site.sealer.seal(end_ns)
            progress(len(day))
    site.counter.catch_up()


def _is_first(site: Site, event: Event, shown: Shown, known: set[str]) -> bool:
    """Record the first *event* under a notice as a visitor's would be, with what was shown."""
    if shown.notice.hash in known:
        return False
    known.add(shown.notice.hash)
    site.store.append(event, shown.documents)
    return True


def _write(connection: Connection, events: list[Event], site: Site) -> None:
    rows, waiting = [], []
    for event in events:
        id, salt = event.id.bytes, os.urandom(tree.LENGTH)
        rows.append(
            (site.store.site, SHARD, id, event.recorded_at, event.receipt, event.body, salt)
        )
        waiting.append((site.store.site, SHARD, id, tree.commitment(salt, event.body)))
    dialect = connection.dialect
    connection.exec_driver_sql(statements.insertion(tables.event, dialect), rows)
    connection.exec_driver_sql(statements.insertion(tables.pending, dialect), waiting)


def _require_demo(site: Site) -> Path:
    """Return the database file of the demo. Refuse everything else."""
    file, folder = site.store.file, Path(site.app.instance_path)
    if site.store.site != DEMO or file is None or file.parent != folder:
        raise click.ClickException(
            f"this is not the demo: wanted {DEMO} with its own database in {folder}"
        )
    return file


def _begin_anew(site: Site, file: Path) -> None:
    site.store.close()
    key = site.sealer.key
    beside = [key.with_suffix(suffix) for suffix in (".anchors", ".erased", ".checked")]
    for path in (*(file.with_name(file.name + end) for end in ("", "-wal", "-shm")), *beside):
        path.unlink(missing_ok=True)
