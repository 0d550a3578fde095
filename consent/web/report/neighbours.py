"""
Whether the log shares its database with tables that the site migrates.

Alembic takes every table that the site's models do not have for left over, and writes a step that
drops it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url

from consent.log.database.tables import VERSION_TABLE
from consent.web.site import Site

#: What Flask-Migrate's script for several databases has.
_SEVERAL = "bind_names"

_HERE = ("localhost", "127.0.0.1", "::1", "", None)

#: Names of arguments by which Alembic is told what to leave alone.
_CHOOSING = ("include_name", "include_object")

#: What Alembic tells the first of them beside the name and kind of a table.
_PARENTS = {"schema_name": None, "schema_qualified_table_name": VERSION_TABLE}


def endangered(site: Site) -> Iterator[str]:
    """Say so if the next migration of the site would drop the log. Needs a request context."""
    migrations = site.app.extensions.get("migrate")
    models = site.app.extensions.get("sqlalchemy")
    if migrations is None or models is None:
        return
    script = _read(Path(migrations.directory, "env.py"))
    # Only a script for several databases looks at more than the first.
    looked_at = [e.url for name, e in models.engines.items() if name is None or _SEVERAL in script]
    is_shared = _place(make_url(site.config.database)) in map(_place, looked_at)
    if is_shared and not _leaves_ours(migrations.configure_args, script):
        yield (
            "CONSENT_DATABASE: found the database of the site's own models, of which the next "
            "flask db migrate drops the log, wanted another one; hint: or Migrate(app, db, "
            'include_name=lambda name, kind, _: kind != "table" or not '
            'name.startswith("consent_"))'
        )


def _leaves_ours(told: dict[str, Any], script: str) -> bool:
    """Tell whether migrations are *told*, or their *script* tells, which tables to leave alone."""
    choose = told.get("include_name")
    if choose is not None and not choose(VERSION_TABLE, "table", {**_PARENTS}):
        return True
    return "include_object" in told or any(name in script for name in _CHOOSING)


def _read(file: Path) -> str:
    with suppress(OSError, UnicodeError):
        return file.read_text(encoding="utf-8")
    return ""


def _place(url: URL) -> tuple[str, ...]:
    """Return what two addresses of one database have in common."""
    kind = url.get_backend_name()
    if kind == "sqlite":
        return kind, os.path.realpath(str(url.database))
    host = "" if url.host in _HERE else str(url.host)
    return kind, host, str(url.port or 5432), str(url.database)
