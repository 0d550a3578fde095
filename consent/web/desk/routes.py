"""The routes of the desk, all below ``<prefix>/audit`` and behind its door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from flask import Response, current_app
from werkzeug.exceptions import HTTPException, NotFound

from consent.errors import LogError, LogUnavailable
from consent.web.anywhere import Routes
from consent.web.desk import door
from consent.web.desk.shell import areas, desk_page, enclose, now_at_desk, say, url
from consent.web.replies import answer_errors, lead_to

#: Where each page is, by its name in :data:`consent.web.desk.pages.VIEWS`.
PAGES = {
    "overview": "/overview",
    "find": "/find",
    "record": "/record/<id>",
    "record_proof": "/record/<id>/proof.json",
    "place": "/place/<log>/<index>",
    "notices": "/notices",
    "notice_compare": "/notices/compare",
    "notice": "/notices/<hash>",
    "notice_raw": "/notices/<hash>/notice.json",
    "notice_shown": "/notices/<hash>/shown",
    "notice_shot": "/notices/<hash>/<language>-<int:width>.png",
    "sample": "/sample",
    "sample_file": "/sample/sample.jsonl",
    "exports": "/exports",
    "summary": "/exports/summary",
    "prepared": "/exports/prepared/<id>",
    "access": "/access",
}

#: Where each form is sent to, and to which page it leads who opens the address of the answer.
FORMS = {
    "check": ("/overview/check", "overview"),
    "record_check": ("/record/<id>/check", "record"),
    "exports_file": ("/exports/file", "exports"),
    "prepared_file": ("/exports/prepared/<id>/file", "prepared"),
}

#: Which text explains an HTTP status to an auditor.
_ERRORS = {404: "frame.error.missing", 413: "frame.error.large", 503: "frame.error.unavailable"}

#: Asked for in whatever way, a page that is not there looks like any other to who is not let in.
_CHANGING = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def desk() -> Routes:
    """Return the blueprint of the desk, to be nested in that of the visitor."""
    routes = Routes("audit", __name__, url_prefix="/audit")
    door.add(routes)
    for name, path in PAGES.items():
        routes.add_url_rule(path, name, _view(name))
    routes.add_url_rule(PAGES["find"], "look_up", _view("look_up"), methods=["POST"])
    for name, (path, page) in FORMS.items():
        routes.add_url_rule(path, name, _view(name), methods=["POST"])
        # The switch of the language, which is on each page, opens it anew as well.
        routes.add_url_rule(path, f"{name}_anew", _led_to(page))
    routes.add_url_rule("/", "home", _home)
    for path in ("", "/<path:_>"):
        routes.add_url_rule(path, "missing", _missing, methods=["GET", *_CHANGING])
    routes.add_url_rule("/", "missing", _missing, methods=_CHANGING)
    routes.after_request(enclose)
    answer_errors(routes, _refuse)
    routes.register_error_handler(LogError, _unavailable)
    return routes


def _view(name: str) -> Callable[..., Response]:
    """Return what shows a page: most processes of a site never do, and none is loaded before."""

    def view(**values: Any) -> Response:
        from consent.web.desk.pages import VIEWS  # with all that auditors see, 0.7 MB

        return VIEWS[name](**values)

    return view


def _led_to(page: str) -> Callable[..., Response]:
    return lambda **values: lead_to(url(page, **values))


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
