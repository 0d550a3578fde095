"""
Our routes at every host that an app has pages for.

Flask looks at the host where it is told to, by ``host_matching`` or ``subdomain_matching``, and
finds a route that names none at one host only, or at no host at all. A page's forms and files must
be where the page is, as a decision is taken from its own host only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, has_request_context, request
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter, MapAdapter

if TYPE_CHECKING:
    from flask.sansio.app import App

#: What a route is told of its host; no view gets it.
_AT = "consentry_at"

_CONVERTER = "consentry"


class _Anywhere(BaseConverter):
    """Takes any host or part of one, none included."""

    regex = ".*"
    part_isolating = True

    def to_url(self, value: str) -> str:
        """Return *value*: it comes from the request, and is compared with what is there."""
        return value


def everywhere(app: App) -> dict[str, Any]:
    """Return what a route of *app* needs to be told to be found at each of its hosts."""
    if app.url_map.host_matching:
        part = "host"
    elif app.subdomain_matching:
        part = "subdomain"
    else:
        return {}
    app.url_map.converters[_CONVERTER] = _Anywhere
    return {part: f"<{_CONVERTER}:{_AT}>"}


class _Setup(BlueprintSetupState):
    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, **options: Any
    ) -> None:
        options |= everywhere(self.app)
        super().add_url_rule(rule, endpoint, view_func, **options)


class Routes(Blueprint):
    """A blueprint whose routes are found at each host."""

    #: APIFlask asks every blueprint that has hooks, and without an answer describes no API at all.
    enable_openapi = False

    def make_setup_state(
        self, app: App, options: dict[str, Any], first_registration: bool = False
    ) -> BlueprintSetupState:
        """Return what adds the routes."""
        return _Setup(self, app, options, first_registration)


def forget(_: str | None, values: dict[str, Any] | None) -> None:
    """Take out of the *values* for a view at which host it was asked for."""
    if values:
        values.pop(_AT, None)


def place(endpoint: str, here: MapAdapter) -> dict[str, str]:
    """Return what builds the address of *endpoint* at the host that *here* is bound to."""
    if not here.map.is_endpoint_expecting(endpoint, _AT):
        return {}
    return {_AT: here.server_name if here.map.host_matching else here.subdomain or ""}


def stay(endpoint: str, values: dict[str, Any]) -> None:
    """Let the address of *endpoint* be at the host of the request, or of the site without one."""
    if here := current_app.create_url_adapter(request if has_request_context() else None):
        for name, value in place(endpoint, here).items():
            values.setdefault(name, value)
