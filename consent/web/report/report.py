"""The report: the policy in plain words, and all that has to be mended."""

from __future__ import annotations

from collections.abc import Iterator

from flask import request
from jinja2 import TemplateError

from consent.errors import listed
from consent.web.fairness.overrides import unfair
from consent.web.kept import keeps_answers
from consent.web.report.evidence import wrong_log
from consent.web.report.neighbours import endangered
from consent.web.report.pages import look
from consent.web.report.reach import unreached
from consent.web.report.summary import summary
from consent.web.report.templates import broken, hidden, wrong_templates
from consent.web.site import Site


def report(site: Site) -> tuple[list[str], list[str]]:
    """Return the summary's lines and the problems found. Needs a request context."""
    pages = look(site)
    fairness = (listed(file, problems) for file, problems in unfair(site))
    problems = [
        *_notices(site),
        *fairness,
        *_whole_site(site),
        *_handed_on(site),
        *_unreported(site),
        *wrong_templates(site),
        *broken(site),
        *hidden(site),
        *unreached(site),
        *pages.mistakes(),
        *endangered(site),
        *wrong_log(site),
    ]
    return list(summary(site, pages)), problems


def _notices(site: Site) -> Iterator[str]:
    """Render every notice once, so that a broken template shows here and not to a visitor."""
    for language in site.config.policy.languages:
        try:
            site.notices.shown(language, request.root_path, request.scheme)
        except (TemplateError, UnicodeError, KeyError) as error:
            yield f"the notice in {language} cannot be rendered: {error!r}"


def _whole_site(site: Site) -> Iterator[str]:
    """Name services that the site's own host stands for, with every picture on it."""
    policy = site.config.policy
    for service in policy.services:
        if policy.site in service.hosts:
            yield (
                f"{service.id} is said to be all of {policy.site}, so the site's own pictures in "
                f'stored HTML wait for it; hint: add its path, as in "{policy.site}/{service.id}"'
            )


def _unreported(site: Site) -> Iterator[str]:
    """Tell whoever waits for what browsers report that they have nothing to report by."""
    if site.config.csp_report_only and site.config.csp is None:
        yield (
            "CONSENT_CSP_REPORT_ONLY: found True, wanted CONSENT_CSP beside it, the policy that "
            "browsers report by"
        )


def _handed_on(site: Site) -> Iterator[str]:
    """Tell of extensions that hand a page which was made for one visitor to all."""
    if site.config.static_pages:
        return
    if "FREEZER_DESTINATION" in site.app.config:
        yield (
            "CONSENT_STATIC_PAGES: found False, wanted True for pages that Frozen-Flask freezes, "
            "which ask everybody for ever and open nothing; hint: docs/browser.md"
        )
    if keeps_answers(site.app):
        yield (
            "CONSENT_STATIC_PAGES: found False, wanted True for pages that Flask-Compress keeps, "
            "which show all what one visitor granted; hint: or give it no cache"
        )
