"""What is wrong with the log: its database, its sealing, and what is kept for too long."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from consent.errors import LogError, LogUnavailable
from consent.log import guard, keys
from consent.log.event import timestamp
from consent.log.health import require_healthy, require_writable
from consent.log.retention import expired, left
from consent.policy.duration import last_year
from consent.web.site import Site

#: How long the command that keeps the promise on erasure may fail to run before that is a problem.
_MONTH = timedelta(days=31)

#: Milliseconds that an event may wait to be sealed: a thread takes one second, a command one more.
_PATIENCE_MS = 60_000


def wrong_log(site: Site) -> Iterator[str]:
    """Look at the log from several sides; what is wrong on all of them is told once."""
    found: dict[str | None, None] = {}
    for look in (_unhealthy, _overdue, _waiting, _unsealable, _fleeting):
        try:
            found[look(site)] = None
        except LogUnavailable as error:
            found[f"the log cannot be opened: {error}"] = None
        except LogError as error:
            found[str(error)] = None
    yield from filter(None, found)


def _unhealthy(site: Site) -> None:
    """Raise LogError if decisions cannot be recorded, or what was recorded is damaged."""
    require_healthy(site.store)


def _overdue(site: Site) -> str | None:
    """Tell if records are kept longer than visitors were told, or nobody knows how long."""
    today = datetime.fromtimestamp(time.time(), UTC).date() - _MONTH
    year = last_year(site.config.policy.retention, today)
    undue: list[bytes] = []
    with site.store.snapshot() as now:
        if next(expired(now, year, today, undue), None):
            return (
                "records are past the time after which visitors were told that they are erased; "
                "hint: let flask consent expire run once a day"
            )
        return left(now, undue) if undue else None


def _waiting(site: Site) -> str | None:
    since = site.store.waiting_since()
    if since is None or since >= time.time() * 1000 - _PATIENCE_MS:
        return None
    return (
        f"an event has been waiting to be sealed since {timestamp(since)}; "
        "hint: flask consent seal seals it, or says why not"
    )


def _unsealable(site: Site) -> None:
    """Raise LogError if nothing could be sealed, as far as this user may look into that."""
    is_own = site.config.seals_itself
    if not is_own and not os.access(site.config.log_key, os.R_OK):
        return  # it is somebody else's who seals, with the anchors beside it
    keys.load(site.config.log_key)
    require_writable(site.sealer.anchors)
    if is_own:
        site.sealer.require_sound()
        return
    with site.store.snapshot() as now:
        guard.require_all(now, site.sealer.anchors.newest(site.store.site))


def _fleeting(site: Site) -> str | None:
    """Tell if the log is where Flask has the folder of an app that is installed as a package."""
    environment = Path(sys.prefix)
    files = [file for file in (site.store.file, site.config.log_key) if file is not None]
    found = [str(file) for file in files if file.is_relative_to(environment / "var")]
    if sys.prefix == sys.base_prefix or not found:
        return None
    return (
        f"{' and '.join(found)}: found in Python's environment, with which they are deleted when"
        " it is made anew, wanted another folder; hint: move the whole folder while the site is"
        " stopped, and name it: Flask(__name__, instance_path=…), or where that line is not yours,"
        " CONSENT_DATABASE and CONSENT_LOG_KEY with paths in it"
    )
