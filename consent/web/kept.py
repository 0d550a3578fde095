"""
Pages that the app itself keeps and hands to whoever comes next, as Flask-Caching does.

Nobody's choice may be in them. A view whose page a decorator keeps is known by it, and the page is
made like one that is the same for everybody. What a site keeps in another way is noticed when it
comes back, and the operator is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from flask import Flask, Response
from jinja2 import Environment, nodes

from consent.gate.tag import GATE
from consent.web.assets import SCRIPT

#: What Flask-Caching, functools, cachetools and dogpile.cache leave at a function that they keep
#: the results of.
_MARKS = (
    ("uncached", "make_cache_key"),
    ("cache_info", "cache_clear"),
    ("cache_key", "cache_lock"),
    ("invalidate", "refresh", "original"),
)

#: How Jinja names what compiles ``{% cache %}``.
_TAG = "flask_caching.jinja2ext."

#: Filters that show one visitor's choice; so do calls of ``consent`` and the test ``granted``.
_TELLING = frozenset({GATE, "gated"})


class View(NamedTuple):
    """What is known of a view."""

    is_ours: bool  #: whether it is one of our own routes
    is_kept: bool  #: whether the app keeps its page for others


class Views(dict[str | None, View]):
    """Tells about the views of one app, by the name of each; None: of what has no view."""

    def __init__(self, app: Flask, ours: str) -> None:
        """*ours* is how the names of our own begin."""
        super().__init__()
        self._app, self._ours = app, ours

    def __missing__(self, endpoint: str | None) -> View:
        is_kept = _is_kept(self._app.view_functions.get(endpoint or ""))
        view = self[endpoint] = View((endpoint or "").startswith(self._ours), is_kept)
        return view

    def kept(self) -> list[str]:
        """Return the names of all views that are kept."""
        return [name for name, view in self._app.view_functions.items() if _is_kept(view)]


def _is_kept(view: Callable[..., object] | None) -> bool:
    """Tell whether *view*, or what a class of views does for GET, is a function that is kept."""
    kind = getattr(view, "view_class", None)
    acts = (view, getattr(kind, "get", None), getattr(kind, "dispatch_request", None))
    return any(all(hasattr(act, name) for name in marks) for act in acts for marks in _MARKS)


def is_of_another(response: Response, prefix: str) -> bool:
    """
    Tell whether *response* was made for somebody else, if nothing was asked about its visitor.

    Then it has our script all the same. *prefix* is where our routes are.
    """
    if response.mimetype != "text/html" or response.direct_passthrough or response.is_streamed:
        return False
    return f"{prefix}/static/{SCRIPT}?v=".encode() in response.get_data()


def keeps_answers(app: Flask) -> bool:
    """Tell whether Flask-Compress keeps what it made smaller, by the address that was asked for."""
    owners = (getattr(hook, "__self__", None) for hook in app.after_request_funcs.get(None, ()))
    return any(
        type(owner).__module__.startswith("flask_compress")
        and getattr(owner, "cache", None) is not None
        for owner in owners
    )


def kept_parts(environment: Environment, source: str) -> Iterator[int]:
    """
    Give the lines in a template's *source* where ``{% cache %}`` keeps what one visitor is shown.

    One that varies with something is left out: that may be the choice.
    """
    for block in environment.parse(source).find_all(nodes.CallBlock):
        called = block.call.node
        if isinstance(called, nodes.ExtensionAttribute) and called.identifier.startswith(_TAG):
            *_, varies = block.call.args
            inside = (node for part in block.body for node in part.find_all(nodes.Node))
            if not getattr(varies, "items", ()) and any(map(_tells, inside)):
                yield block.lineno


def _tells(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Filter):
        return node.name in _TELLING
    if isinstance(node, nodes.Test):
        return node.name == "granted"
    return isinstance(node, nodes.Name) and node.name == "consent"
