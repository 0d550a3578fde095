"""Everything that belongs to one app; found under ``app.extensions["consentry"]``."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask, Request, Response, current_app
from markupsafe import Markup
from werkzeug.test import create_environ

from consent.audit.counter import Counter
from consent.audit.inspector import Inspector
from consent.audit.versions import Versions
from consent.choice.cookie import Seal
from consent.choice.signal import HEADERS
from consent.errors import ConfigError, LogError
from consent.gate.cookies import Jar
from consent.gate.hosts import Hosts
from consent.gate.owner import Owners
from consent.gate.storage import Storage
from consent.log.leaks import LeakBook
from consent.log.seal import Sealer
from consent.log.store import Store
from consent.log.watch import Watch
from consent.policy import shelf
from consent.policy.model import Entry
from consent.policy.terms import terms
from consent.version import SOFTWARE
from consent.web.case import Cases
from consent.web.config import Config
from consent.web.cookies import choice_name, receipt_name
from consent.web.desk.preparing import Workshop
from consent.web.desk.session import Desk, cookie_name
from consent.web.flood import Floodgate, Rate
from consent.web.kept import Views, is_of_another
from consent.web.notices import NoticeBook
from consent.web.server import CGI, is_cgi
from consent.web.standing import Standings

EXTENSION = "consentry"

#: How the names of our own routes begin, as Flask knows them.
OURS = f"{EXTENSION}."

#: What is granted, what is paused, whether nothing was decided yet, what the script is told, and
#: what services left that are gone.
Decided = tuple[frozenset[str], frozenset[str], bool, str | None, frozenset[Entry]]

#: Seconds between two pieces of what is counted, in which others work.
REST = 0.05

#: Different warnings that one process writes.
WARNINGS = 200

#: Reports of browsers that are counted, of one address and altogether.
REPORTS, ALL_REPORTS = Rate(30, 60), Rate(120, 60)

#: What one address may report in a day that nobody reported before: a tenth of what a day has room
#: for, so that it leaves room for others where a site has several processes, too.
NEWS = Rate(20, 86_400)


@dataclass(repr=False)  # all of it is much, and what keeps errors keeps what their functions had
class Site:
    """One app's policy, keys, log and notices."""

    app: Flask
    config: Config
    language: Callable[[], str | None]  #: the language of the current page; None: not told
    seal: Seal = field(init=False)
    store: Store = field(init=False)
    sealer: Sealer = field(init=False)
    counter: Counter = field(init=False)  #: keeps the figures of each day
    inspector: Inspector = field(init=False)  #: checks everything, when asked to
    notices: NoticeBook = field(init=False)
    cases: Cases = field(init=False)
    owners: Owners = field(init=False)  #: tells whose an address is
    jar: Jar = field(init=False)  #: tells whose a cookie is
    storage: Storage = field(init=False)  #: tells what else is kept
    leaks: LeakBook = field(init=False)  #: what browsers refused
    desk: Desk = field(init=False)  #: who may audit
    versions: Versions = field(init=False)  #: of the notices, for them
    workshop: Workshop = field(init=False)  #: where files for them are put together
    depends_on: str = field(init=False)  #: headers that decide what a page shows
    only_language: str | None = field(init=False)  #: that the policy has; None: it has several
    adapters: dict[str, str] = field(init=False)  #: by service, of those that have one
    views: Views = field(init=False)  #: which are ours, and whose pages the app keeps
    #: What pages have in their head, by mount point, whether over HTTPS, and what was
    #: decided; None: that is not known.
    heads: dict[tuple[str, bool, Decided | None], Markup] = field(default_factory=dict)
    frame_styles: dict[str, Markup] = field(default_factory=dict)  #: by mount point
    #: Of pages that were asked for of late, if they stand in HTML as they are.
    paths: set[str] = field(default_factory=set)
    is_begun: bool = False  #: whether this process has answered anybody
    _is_looked_at: bool = False  #: whether this process has looked for the anchors
    _warned: set[str] = field(default_factory=set)
    _decisions: Floodgate | None = field(init=False)  #: of each address; None: no limit
    _reports: Floodgate = field(init=False)
    _all_reports: Floodgate = field(init=False)
    _news: Floodgate = field(init=False)
    _watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        policy = self.config.policy
        self.seal = Seal(self.config.keys, policy.site)
        self.store = Store(self.config.database, policy.site)
        self.sealer = Sealer(self.store, self.config.log_key, SOFTWARE)
        self.counter, self.inspector = Counter(self.store), Inspector(self.sealer)
        self._watch = Watch(self._seal, self._unsealed, self.sealer.seal)
        self.notices = NoticeBook(self.app, policy, self.store)
        offered = {service.id: terms(service) for service in policy.services}
        standings = Standings(self.seal, self.notices, policy.lifetime, offered, self.warn_once)
        self.adapters = {s.id: s.adapter for s in policy.services if s.adapter}
        self.views = Views(self.app, OURS)
        self.cases = Cases(self.config, standings, self.views)
        self.owners = Owners(
            Hosts({service.id: service.hosts for service in policy.services}),
            Hosts({id: label.hosts for id, label in shelf.labels().items()}),
            policy.site,
            policy.own_hosts,
        )
        # Those of both schemes: behind a proxy an app may be asked over either.
        names = (choice_name, receipt_name, cookie_name)
        own = tuple(name(secure) for name in names for secure in (True, False))
        if self.config.session in own:
            raise ConfigError(
                f"SESSION_COOKIE_NAME: found {self.config.session!r}, the name of a cookie of "
                "ours, wanted another one"
            )
        own = (*own, self.config.session)
        essential = (item.name for item in policy.essential if item.kind == "cookie")
        self.jar = Jar(policy.services, (*own, *essential))
        self.storage = Storage(policy.services, own, policy.essential)
        self.leaks = LeakBook(self.config.database, policy.site)
        self.desk = Desk(self.config.keys, self.store)
        self.versions, self.workshop = Versions(self.store), Workshop(policy.site)
        signals = (HEADERS[signal] for signal in policy.signals)
        varying = ", ".join(("Cookie", *signals, "Sec-Purpose"))
        self.depends_on = "" if self.config.static_pages else varying
        spoken = policy.languages
        self.only_language = spoken[0] if len(spoken) == 1 else None
        rate = self.config.rate_limit
        self._decisions = None if rate is None else Floodgate(rate)
        self._reports, self._all_reports = Floodgate(REPORTS), Floodgate(ALL_REPORTS)
        self._news = Floodgate(NEWS)

    def begin(self) -> None:
        """
        Look soon whether the log is the one that was sealed before, and seal what waits.

        Not when the app is made: a server may fork afterwards, and commands make it, too. Where
        there is no log yet there is nothing to look at, and none is made.
        """
        self.is_begun = True
        anchors, file = self.sealer.anchors.path, self.store.file
        if not self._seals:
            return
        if is_cgi():
            self.warn_once(CGI)
        if _is_there(file or anchors):
            self._watch.look()
        elif _is_there(anchors):
            self.app.logger.error(
                "consent: %s: found no log, wanted the one of which %s tells\n    hint: bring back"
                " its newest copy; if it is lost: flask consent log reopen",
                file,
                anchors,
            )

    def recorded(self) -> None:
        """Let what was recorded be sealed soon; nobody waits for it."""
        if self._seals:
            self._watch.wake()

    @property
    def _seals(self) -> bool:
        return self.config.seals_itself and not self.app.testing

    def _seal(self) -> None:
        """Seal what waits, and count what is sealed, in pieces between which others have a turn."""
        if not self._is_looked_at:
            self._doubt()
            self._is_looked_at = True
        self.sealer.seal()
        for _ in self.counter.batches():
            time.sleep(REST)
            self.sealer.seal()

    def _doubt(self) -> None:
        """Tell the operator where nothing shows whether the log is an older copy."""
        anchors = self.sealer.anchors.path
        # In PostgreSQL another machine may have sealed it, and each has anchors of its own. They
        # come just behind the first checkpoint, so whoever sees that looks for them afterwards.
        if self.store.file and self.store.logs() and not _is_there(anchors):
            self.warn_once(
                f"{anchors}: found none, so an older copy of the database would not be noticed;"
                " hint: bring it back; if this is an older copy, stop the site and see docs/log.md,"
                " Restored backups"
            )

    def _unsealed(self, problem: LogError) -> None:
        self.app.logger.error("consent: decisions are recorded, but not sealed: %s", problem)

    def imagine_request(
        self, path: str = "/", base_url: str | None = None
    ) -> AbstractContextManager[object]:
        """
        Return the context of a request for *path* that nobody sends, for what needs one.

        *base_url* is where the site is; None: where the configuration says. So does Flask's
        ``test_request_context``, which loads tools for tests and a debugger into every process.
        """
        if base_url is None:
            base_url = where(self.app, self.app.config["PREFERRED_URL_SCHEME"])
        return self.app.request_context(create_environ(path, base_url))

    def is_flood(self, address: str | None) -> bool:
        """Tell whether *address* has used up its decisions; counts this one."""
        return self._decisions is not None and not self._decisions.admits(address or "")

    def calms_in(self) -> int | None:
        """Return the seconds until who was a flood just now is heard again; None: no limit."""
        return self._decisions.left() if self._decisions else None

    def is_noise(self, address: str | None) -> bool:
        """Tell whether so much has been reported that this is passed over; counts this one."""
        return not (self._reports.admits(address or "") and self._all_reports.admits(""))

    def may_report_news(self, address: str | None) -> bool:
        """Tell whether *address* may report what nobody did today; counts this time."""
        return self._news.admits(address or "")

    def is_strange(self, request: Request, response: Response) -> bool:
        """Tell whether *response* was made for another visitor, and tell the operator (GA-07)."""
        if self.config.static_pages or self.views[request.endpoint].is_kept:
            return False
        if not is_of_another(response, self.config.prefix):
            return False
        self.warn_once(
            f"{request.endpoint}: its page was made for an earlier visitor and may show what that "
            "one granted; hint: CONSENT_STATIC_PAGES, or keep no page in the app; see "
            "docs/browser.md"
        )
        return True

    def warn_once(self, text: str) -> None:
        """
        Tell the operator something about the site, once per process.

        Some of it names what stands in stored HTML, which visitors may have written.
        """
        if text in self._warned or len(self._warned) >= WARNINGS:
            return
        self._warned.add(text)
        self.app.logger.warning("consent: %s", text)
        if len(self._warned) == WARNINGS:
            self.app.logger.warning(
                "consent: what else there is to warn of is told at the next start"
            )


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True  # whoever opens it tells what is the matter


def where(app: Flask, scheme: str) -> str:
    """Return where ``SERVER_NAME``, ``TRUSTED_HOSTS`` and ``APPLICATION_ROOT`` say *app* is."""
    trusted = [*(app.config["TRUSTED_HOSTS"] or ()), "localhost"]
    host = app.config["SERVER_NAME"] or trusted[0].lstrip(".")
    return f"{scheme}://{host}/{app.config['APPLICATION_ROOT'].lstrip('/')}"


def current_site() -> Site:
    """Return what belongs to the app that answers."""
    found: Site = current_app.extensions[EXTENSION]
    return found
