"""
The site's own pages that everybody meets: the home page, and those that the policy links.

They are read as browsers read them, by somebody who has not decided: what cannot be opened, and
what loads outside of every gate. Others are not asked for, as opening them may do something; of
these the templates are read, which may be part of what waits in a way that cannot be seen there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from consent.gate.loads import ahead, loads
from consent.gate.owner import Owner
from consent.gate.source import is_tangled, readings
from consent.web.report.asking import Answer, ask, root
from consent.web.report.templates import line_of, texts
from consent.web.site import Site, where

#: How often a page may lead on to another one of the site.
_STEPS = 4


@dataclass(frozen=True, slots=True)
class Pages:
    """What was found on them."""

    #: Addresses in the policy that the app does not answer as it should, each with what came.
    missing: list[str] = field(default_factory=list)
    #: Declared services that an element loads outside of every gate, each with the page.
    ungated: dict[str, str] = field(default_factory=dict)
    #: What else is loaded from elsewhere, or may be by a script in the page or by a template
    #: outside of every gate, each with the first page or template.
    unasked: dict[str, str] = field(default_factory=dict)
    #: Speculation rules that fetch links wherever they lead, each with its template or page.
    ahead: dict[str, str] = field(default_factory=dict)

    def mistakes(self) -> Iterator[str]:
        """Tell of what was to wait for consent, or for a press, and does not (GA-01)."""
        for service, page in self.ungated.items():
            yield (
                f"GET {page}: found {service} outside of every gate, where it loads before anybody "
                f'is asked, wanted {{% gate "{service}" %}} around it'
            )
        for place in self.ahead.values():
            yield (
                f"{place}: found speculation rules that fetch links to other hosts, too, before "
                'anybody is asked, wanted "where": {"href_matches": "/*"} in each of them'
            )


def look(site: Site) -> Pages:
    """Ask the app for its pages and read them, and its templates."""
    found = Pages()
    opened = [(path, _html(answer)) for path, answer in _asked(site, found)]
    templates = [*texts(site)]
    _look_ahead(site, found, templates, opened)
    for path, html in opened:
        for owner, is_certain in _loaded(site, html, path):
            if owner.kind == "service" and is_certain:
                found.ungated.setdefault(owner.name, path)
            else:
                found.unasked.setdefault(owner.name, path)
    for name, text in templates:
        for owner, _ in _loaded(site, text, "/"):
            found.unasked.setdefault(owner.name, name)
    for service in found.ungated:
        found.unasked.pop(service, None)
    return found


def _look_ahead(
    site: Site, found: Pages, templates: list[tuple[str, str]], opened: list[tuple[str, str]]
) -> None:
    """Note the speculation rules of *templates*, and of pages where no template has them."""
    for name, text in templates:
        for rules in _ahead(text):
            if line := line_of(site, name, rules):  # else they are put together there
                found.ahead.setdefault(rules, f"template {name}, line {line}")
    for path, html in opened:
        for rules in _ahead(html):
            found.ahead.setdefault(rules, f"GET {path}")


def _asked(site: Site, found: Pages) -> Iterator[tuple[str, Answer | str]]:
    """Give what the app answers for its pages, and note in *found* those it does not have."""
    policy, below = site.config.policy, root(site)
    yield _opened(site, "/")
    for address in policy.links.pages:
        place = urlsplit(address)
        if place.hostname not in (None, policy.site) or not place.path.startswith(f"{below}/"):
            continue  # on another host, or of what is beside this app
        asked = place._replace(scheme="", netloc="", fragment="").geturl()
        path, answer = _opened(site, asked.removeprefix(below))
        if isinstance(answer, str) or answer.status >= 400:
            found.missing.append(f"{address} ({answer})")
        yield path, answer


def _opened(site: Site, path: str) -> tuple[str, Answer | str]:
    """Return what *path* leads to within the app, and what the app answers there."""
    here, below = urlsplit(where(site.app, "https")).hostname, root(site)
    answer = ask(site, path)
    for _ in range(_STEPS):
        if isinstance(answer, str) or not 300 <= answer.status < 400:
            break
        to = urlsplit(urljoin(f"{below}{path}", answer.headers.get("Location", "")))
        if to.hostname not in (None, here, site.config.policy.site):
            break
        path = to._replace(scheme="", netloc="", fragment="").geturl().removeprefix(below)
        answer = ask(site, path)
    return path, answer


def _html(answer: Answer | str) -> str:
    if isinstance(answer, str) or "html" not in answer.headers.get("Content-Type", ""):
        return ""
    return answer.body.decode("utf-8", "replace")


def _ahead(html: str) -> Iterator[str]:
    """Give the speculation rules in *html* that fetch links wherever they lead."""
    if "speculationrules" in html.lower() and not is_tangled(html):
        every = readings(html, is_document="<html" in html.lower())
        yield from filter(None, map(ahead, every))


def _loaded(site: Site, html: str, path: str) -> Iterator[tuple[Owner, bool]]:
    """Give who else is asked by *html* at *path*, and whether that is certain."""
    if is_tangled(html):
        return
    page = f"https://{site.config.policy.site}{path}"
    for element in readings(html, is_document="<html" in html.lower()):
        for load in loads(element):
            owner = site.owners.of(load.address, page)
            if owner.name and not (owner.kind == "stranger" and load.is_mention):
                yield owner, element.name != "script" or load.attribute is not None
