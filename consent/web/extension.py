"""The extension object: what a site puts into its app and its templates."""

from __future__ import annotations

from collections.abc import Callable, Container
from contextlib import suppress
from typing import TypeVar

from flask import Flask, Request, Response
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from consent.cli import cli
from consent.errors import ConfigError
from consent.gate.tag import GATE, GateTag
from consent.web.anywhere import everywhere
from consent.web.assets import PAGES
from consent.web.caching import KEEPING, mark, marks, name_of
from consent.web.config import Config, configure, unusable
from consent.web.csp import protect
from consent.web.fairness.overrides import require_fair
from consent.web.guard import CHOICE, guard
from consent.web.page.calls import install
from consent.web.page.gating import gate_stored
from consent.web.page.head import head, style
from consent.web.page.layer import banner, settings_link
from consent.web.page.opening import gate
from consent.web.replies import insist
from consent.web.site import EXTENSION, Site
from consent.web.taken import taken
from consent.web.templates import reach
from consent.web.views import blueprint, support
from consent.web.visit import HELD, Visit, current_request, visit

_Function = TypeVar("_Function", bound=Callable[..., object])

#: How the types end of what has words in it, beside those of ``text/``: SVG and feeds, too.
_WORDED = ("xml", "json", "javascript")

#: In a frame of somebody else a page that asks could be laid, unseen, under a button of theirs.
#: Browsers go by ``frame-ancestors`` of the site's own policy first (CSP Level 3, section 6.4.2.2).
_FRAMED = ("X-Frame-Options", "SAMEORIGIN")

#: What an answer of the app may say of what we have a say in, and the end of all that it says.
_TOLD, _END = KEEPING | {"set-cookie", _FRAMED[0].lower()}, slice(10_000, None)


def _by_itself(function: _Function) -> _Function:
    """
    Tell Jinja that *function* wants nothing of a template but its arguments.

    That is so without it, too; but then Jinja looks for long.
    """
    vars(function)["jinja_pass_arg"] = None
    return function


class Consent:
    """
    Cookie consent for one or more Flask apps.

    In templates the object is called ``consent``; it belongs to the current app.
    """

    def __init__(
        self, app: Flask | None = None, *, language: Callable[[], str | None] | None = None
    ) -> None:
        """
        Set up *app*, if given; else call :meth:`init_app` later.

        *language* tells the language of the current page, as a BCP 47 tag. Without it the
        browser's preference decides among the languages of the policy. Raises ConfigError if it is
        no function that can just be called.
        """
        if language is not None and (mistake := unusable(language)):
            hint = "" if callable(language) else f"; hint: language=lambda: {language!r:.60}"
            raise ConfigError(
                f"language: found {mistake}, wanted a function that returns the language of "
                f"the current page{hint}"
            )
        self._language = language or (lambda: None)
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """
        Set up *app*: routes, template functions, commands.

        These keys of ``app.config`` are read now; later changes have no effect.

        ``SECRET_KEY``
            Signs the cookies. At least 16 random characters.
        ``SECRET_KEY_FALLBACKS``
            Retired keys, as Flask has them: they verify and never sign.
        ``CONSENT_POLICY``
            Path of the policy file, from the app's own folder.
        ``CONSENT_DATABASE``
            URL of the log's database: ``sqlite:///…``, a path from the app's instance folder, or
            ``postgresql://…``. Default: ``sqlite:///consent.sqlite3``.
        ``CONSENT_URL_PREFIX``
            Where our routes are. Default: ``/consent``.
        ``CONSENT_RATE_LIMIT``
            Decisions per address before it is slowed; None: no limit. Default: ``1000 per minute``.
        ``CONSENT_STATIC_PAGES``
            True: every visitor gets the same bytes, so that any cache may keep the pages, and
            the script opens what was granted. Default: False.
        ``CONSENT_CSP``
            The site's own Content-Security-Policy, a text or a table of directives. Each page
            gets it with the sources of what its visitor granted; ``'nonce-{nonce}'`` stands for
            the nonce that :meth:`head` was given. Default: None, no policy is sent.
        ``CONSENT_CSP_REPORT_ONLY``
            True: browsers only report what that policy would refuse. Default: False.
        ``CONSENT_STRICT_COOKIES``
            True: the app may set declared cookies only. Default: False, only those of services
            that are not granted are taken out.
        ``CONSENT_AUDITOR``
            Function that returns the current user's name if they may audit, else None.
        ``CONSENT_SEAL``
            ``thread``: the app seals the log itself, a second after a decision, in a thread of each
            process, which looks after the first page whether the log is the one that was sealed
            before; not while ``TESTING``. ``command``: it never does,
            and needs no key; run ``flask consent seal --watch`` beside it. Default: ``thread``.
        ``CONSENT_LOG_KEY``
            Path of the key that signs the log, from the app's instance folder; made by the first
            seal. ``.anchors`` and others, see docs/log.md, lie beside it. Default: ``consent.key``.
        ``CONSENT_TSA``, ``CONSENT_TSA_CERTIFICATES``
            Address and file of certificates of who stamps the log, see docs/log.md. Default: None.

        Raises PolicyError with all mistakes of the policy file, ConfigError for a wrong key or a
        template that asks unfairly, RuntimeError if the app is already set up. Routes and filters
        that such a template uses must be registered before.
        """
        if EXTENSION in app.extensions:
            raise RuntimeError("Consent is already set up on this app; use that instance")
        config = configure(app)
        site = app.extensions[EXTENSION] = Site(app, config, self._language)
        _route(app, config)
        _extend(app.jinja_env, self)
        app.after_request_funcs.setdefault(None, []).insert(0, _finish(site))
        app.cli.add_command(cli)
        if not app.debug:  # then the page shows what is wrong with a template
            with site.imagine_request():
                require_fair(site)

    @_by_itself
    def head(self, nonce: str | None = None) -> Markup:
        """
        Return style sheet and script, for the head of every page.

        *nonce* is for sites whose Content-Security-Policy asks for one.
        """
        return head(visit(), nonce)

    @_by_itself
    def banner(self) -> Markup:
        """Return the banner, for the start of the body; empty when nothing is to be asked."""
        return banner(visit())

    @_by_itself
    def settings_link(self, *, button: bool = True) -> Markup:
        """
        Return the link to the settings, for the footer of every page.

        While something is granted, a button to withdraw it at once stands beside it; without
        *button* it is the link alone, which fits into a sentence.
        """
        return settings_link(visit(), button=button)

    def table(self, nonce: str | None = None) -> Markup:
        """
        Return the table of all services and what they store, for the privacy page.

        *nonce* is for sites whose Content-Security-Policy asks for one.
        """
        return style(PAGES, nonce) + visit().shown.table

    @_by_itself
    def permits(self, service: str) -> bool:
        """
        Tell whether *service* may run for the current visitor. Unknown services may not.

        Raises RuntimeError outside of a request, where there is no visitor.
        """
        return visit().permits(service)


def _route(app: Flask, config: Config) -> None:
    app.register_blueprint(blueprint(config.prefix))
    if mistake := next(taken(app, config.prefix), None):
        raise ConfigError(mistake)
    if "gpc" in config.policy.signals:
        rule = "/.well-known/gpc.json"
        app.add_url_rule(rule, f"{EXTENSION}.gpc", support, **everywhere(app))


def _extend(templates: Environment, consent: Consent) -> None:
    reach(templates)
    templates.globals["consent"] = consent
    # Jinja works out constant expressions when it compiles a template, for one visitor and
    # then for all, unless they ask for the context.
    templates.filters["gated"] = _gated
    templates.filters[GATE] = gate
    templates.tests["granted"] = _granted
    templates.add_extension(GateTag)
    install(templates, Consent, {"head": head, "banner": banner, "settings_link": settings_link})


@pass_context
def _gated(_: Context, html: object) -> Markup:
    """
    Return stored *html* with the embeds of services that are not granted made inert.

    The HTML itself is trusted: it is marked as safe.
    """
    if not isinstance(html, str):
        # An article without a text, or what becomes one when it is printed.
        html = "" if html is None else str(getattr(html, "__html__", html.__str__)())
    return Markup(gate_stored(visit(), html))


@pass_context
def _granted(_: Context, service: str) -> bool:
    return visit().permits(service)


def _is_to_come(response: Response, present: Container[str]) -> bool:
    """
    Tell whether a *response* that is streamed has words that are put together while it is sent.

    Nobody knows how long that will be. Flask's own pages for errors come as if they were streamed,
    and so does a file that an extension makes smaller on its way.
    """
    kind = response.mimetype or "text/"
    has_words = kind.startswith("text/") or kind.endswith(_WORDED)
    is_there = response.direct_passthrough or response.accept_ranges == "bytes"
    return has_words and not is_there and "content-length" not in present


def _finish(site: Site) -> Callable[[Response], Response]:
    """
    Return what looks at every answer of the app before it leaves.

    It is the first in Flask's list, which is gone through from the end: so it sees what all others
    of the site did to an answer, whenever they were added.
    """
    usual = [*marks(site.depends_on), _FRAMED]
    has_policy = site.config.csp is not None

    def finish(response: Response) -> Response:
        if not site.is_begun:
            site.begin()
        request = current_request()
        now: Visit | None = getattr(request, HELD, None)
        # Looked through once: asking werkzeug for a header that is not there raises inside of it.
        present = {*map(str.lower, map(name_of, response.headers))}
        if (
            now is None
            or now.is_ours
            or has_policy
            or now.depends_on != site.depends_on
            or not present.isdisjoint(_TOLD)
            or response.is_streamed
            or ";" in now.brought
            or not (now.brought.startswith(CHOICE) or now.brought == "")
        ):
            _look_through(site, request, response, present)
        else:  # as nearly every page: nothing of it is to be changed
            response.headers[_END] = usual
        return response

    return finish


def _look_through(site: Site, request: Request, response: Response, present: set[str]) -> None:
    """Look whether *response*, with the headers *present*, is to be changed, and mark it."""
    now: Visit | None = getattr(request, HELD, None)
    ours = now.is_ours if now else site.views[request.endpoint].is_ours
    if ours:
        insist(request, response)
    if response.is_streamed and _is_to_come(response, present):
        # What else it will ask for is not known yet, and its headers are about to leave.
        now = visit()
        with suppress(Exception):  # what asks for the language has the site's function fail
            now.language  # noqa: B018 - notes whether the browser's preference decides
    if now is None and not ours and site.is_strange(request, response):
        now = visit()
    if not ours and site.config.csp is not None:
        protect(site, site.config.csp, response)
    guard(site, request, response, present, now, ours=ours)  # has the room that is left
    if now is not None or (now := getattr(request, HELD, None)) is not None:
        mark(now, response, present)
        if "x-frame-options" not in present:
            response.headers.add(*_FRAMED)
