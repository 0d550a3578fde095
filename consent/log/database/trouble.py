"""What to say of trouble with the database: which it is, what happened, and what helps."""

from __future__ import annotations

from sqlite3 import (
    SQLITE_BUSY,
    SQLITE_CANTOPEN,
    SQLITE_CORRUPT,
    SQLITE_IOERR,
    SQLITE_IOERR_GETTEMPPATH,
    SQLITE_NOTADB,
    SQLITE_READONLY,
)

from sqlalchemy import URL, Engine
from sqlalchemy.exc import DBAPIError

from consent.errors import LogUnavailable

_NOT_ALLOWED = "42501"

#: What to do about a file of which SQLite cannot read a page.
DAMAGED = (
    "the file of the log is damaged: stop the site, keep the file, and put the newest copy in its"
    ' place, see "Restored backups" in docs/log.md'
)

_MAY_WRITE = "whoever runs this has to be allowed to write the file and its folder, as the site is"

#: What helps, by the kind of trouble that SQLite has, or by the SQLSTATE of PostgreSQL.
_HINTS: dict[int | str | None, str] = {
    SQLITE_BUSY: "another program writes to the file; try again when it has ended",
    SQLITE_READONLY: _MAY_WRITE,
    SQLITE_CANTOPEN: _MAY_WRITE,
    SQLITE_CORRUPT: DAMAGED,
    SQLITE_NOTADB: DAMAGED,
    # SQLite knows a full disk by one error of the system alone, and a quota has another.
    SQLITE_IOERR: "the quota of the site's user may be used up, or the disk fails",
    _NOT_ALLOWED: (
        "let a user do it who has the role for it, such as consent_owner for erase and expire, see"
        ' "Who could do what" in docs/log.md'
    ),
}

#: What SQLite says where it finds no folder for a temporary file; with an error of a disk it says
#: what was tried.
_NO_FOLDER = frozenset({SQLITE_IOERR, SQLITE_IOERR_GETTEMPPATH})
_FOLDER = "name a folder that can be written to, with room for the whole log, by SQLITE_TMPDIR"


class ConnectionLostError(Exception):
    """The connection was gone; what became of the transaction is not known."""


def unavailable(engine: Engine, error: BaseException) -> LogUnavailable:
    """Return what to raise instead of *error*: which database, what kind, its first line."""
    cause = _origin(error)
    first = next(iter(str(cause).splitlines()), "")
    kind = sqlite_error(error) or sqlstate(error)
    hint = _MAY_WRITE if isinstance(cause, PermissionError) else _HINTS.get(kind)
    if getattr(cause, "sqlite_errorcode", 0) in _NO_FOLDER:
        hint = _FOLDER
    text = f"{place(engine.url)}: the log cannot be used just now: {type(cause).__name__}: {first}"
    return LogUnavailable(f"{text}\n    hint: {hint}" if hint else text)


def place(url: URL) -> str:
    """Return which database *url* is, for people."""
    if url.get_backend_name() == "sqlite":
        # As the system has it: a folder that is not named in UTF-8 SQLAlchemy cannot write.
        return f"sqlite:///{url.database}"
    # SQLAlchemy hides the password before the host, but not one that stands behind it.
    secret = [name for name in url.query if "password" in name.lower()]
    return url.difference_update_query(secret).render_as_string()


def _origin(error: BaseException) -> BaseException:
    """Return the driver's own error behind *error*, if there is one."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig
    return error.__cause__ if isinstance(error, ConnectionLostError) and error.__cause__ else error


def is_loss(error: BaseException) -> bool:
    """Tell whether the connection is gone."""
    return isinstance(error, ConnectionLostError) or getattr(error, "connection_invalidated", False)


def sqlstate(error: BaseException) -> str | None:
    """Return the five characters by which PostgreSQL tells what happened, None if it did not."""
    state: str | None = getattr(_origin(error), "sqlstate", None)
    return state


def sqlite_error(error: BaseException) -> int:
    """Return the kind of trouble that SQLite has, without what it says of it further; 0: none."""
    return int(getattr(_origin(error), "sqlite_errorcode", 0)) & 0xFF


def quotable(error: BaseException) -> BaseException | None:
    """
    Return *error* if it may stand in a server's log, else None.

    PostgreSQL's details quote whole rows.
    """
    detail = getattr(getattr(_origin(error), "diag", None), "message_detail", None)
    return None if detail else error
