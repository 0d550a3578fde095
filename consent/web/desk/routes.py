"""The routes of the desk, all below ``<prefix>/audit`` and behind its door."""

from __future__ import annotations

from typing import NoReturn

from flask import Response, current_app
from werkzeug.exceptions import HTTPException, NotFound

from consent.errors import LogError, LogUnavailable
from consent.web.anywhere import Routes
from consent.web.desk import (
    access,
    door,
    exports,
    find,
    notices,
    overview,
    prepared,
    record,
    sample,
    summary,
)
from consent.web.desk.shell import areas, desk_page, enclose, now_at_desk, say, url
from consent.web.replies import answer_errors, lead_to

#: The areas of the desk; each adds its pages.
_ADDING = (
    door, overview, find, record, notices, sample, exports, prepared, summary, access,
)  # fmt: skip

#: Which text explains an HTTP status to an auditor.
_ERRORS = {404: "frame.error.missing", 413: "frame.error.large", 503: "frame.error.unavailable"}

#: Asked for in whatever way, a page that is not there looks like any other to who is not let in.
_CHANGING = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def desk() -> Routes:
    """Return the blueprint of the desk, to be nested in that of the visitor."""
    routes = Routes("audit", __name__, url_prefix="/audit")
    for area in _ADDING:
        area.add(routes)
    routes.add_url_rule("/", "home", _home)
    for path in ("", "/<path:_>"):
        routes.add_url_rule(path, "missing", _missing, methods=["GET", *_CHANGING])
    routes.add_url_rule("/", "missing", _missing, methods=_CHANGING)
    routes.after_request(enclose)
    answer_errors(routes, _refuse)
    routes.register_error_handler(LogError, _unavailable)
    return routes


def _home() -> Response:
    return lead_to(url(areas()[0]))


def _missing(_: str = "") -> NoReturn:
    raise NotFound


def _refuse(problem: HTTPException) -> Response:
    return door.closed() if now_at_desk() is None else _sorry(problem.code or 500)


def _unavailable(problem: LogError) -> Response:
    current_app.logger.error("consent: the auditor's desk cannot use the log: %s", problem)
    # To wait mends nothing where the log is there and is not what was sealed.
    is_away = isinstance(problem, LogUnavailable)
    return _sorry(503, None if is_away else "frame.error.refused")


def _sorry(status: int, key: str | None = None) -> Response:
    text = say()(key or _ERRORS.get(status, "frame.error.invalid"))
    return desk_page("message", say()("frame.error.title"), status=status, message=text)
