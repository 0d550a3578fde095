"""
The Content-Security-Policy of the site's pages, and what browsers say they refused by it.

A page is let have what its visitor granted. Pages that are the same for everybody have what any
service needs that the policy declares: nobody's choice may be in them.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, request

from consent.day import day_of
from consent.errors import LogError
from consent.gate.csp import Directives, header, widened
from consent.gate.leaks import LARGEST, MEDIA_TYPES, leaks
from consent.web.origin import host_of
from consent.web.site import Site
from consent.web.visit import visit

_ENFORCED = "Content-Security-Policy"
_REPORTED = "Content-Security-Policy-Report-Only"

#: What browsers run scripts in.
_PAGES = ("text/html", "application/xhtml+xml", "image/svg+xml")

#: Names where reports go, in headers.
_GROUP = "consent-leaks"


def protect(site: Site, base: Directives, response: Response) -> None:
    """Give a page of the site its policy, made from *base*, unless it has one already."""
    if response.mimetype not in _PAGES:
        return
    name = _REPORTED if site.config.csp_report_only else _ENFORCED
    if name not in response.headers:
        value = header(_reporting(site, _directives(site, base), response), visit().nonce)
        response.headers[name] = value


def count(site: Site, now: float) -> Response:
    """Count what a browser refused; whatever is no report is passed over (requirements GA-05)."""
    answer = Response(status=204)
    del answer.headers["Content-Type"]  # of nothing, at which strict servers stop
    length = request.content_length
    if request.mimetype not in MEDIA_TYPES or length is None or length > LARGEST:
        return answer
    if site.is_noise(request.remote_addr):
        return answer
    own = f"://{host_of(request)}"
    found = [leak for leak in leaks(request.get_data()) if not leak[0].endswith(own)]
    try:
        if found:
            address = request.remote_addr
            site.leaks.count(found, day_of(now), lambda: site.may_report_news(address))
    except LogError as error:
        site.app.logger.warning("consent: a browser's report could not be counted: %s", error)
    return answer


def _directives(site: Site, base: Directives) -> Directives:
    services = site.config.policy.services
    if not site.config.static_pages:
        granted = visit().standing.granted
        services = tuple(service for service in services if service.id in granted)
    return widened(base, [host for service in services for host in service.hosts])


def _reporting(site: Site, directives: Directives, response: Response) -> Directives:
    """Name where reports go, unless the site has them elsewhere."""
    if directives.keys() & {"report-uri", "report-to"}:
        return directives
    # Not by url_for, as :mod:`consent.web.route` says, and every page has this.
    address = f"{quote(request.root_path)}{site.config.prefix}/leaks"
    if not request.is_secure:
        # Browsers that know report-to do not look at report-uri beside it, and want HTTPS for it.
        return {**directives, "report-uri": (address,)}
    response.headers.setdefault("Reporting-Endpoints", f'{_GROUP}="{address}"')
    return {**directives, "report-uri": (address,), "report-to": (_GROUP,)}
