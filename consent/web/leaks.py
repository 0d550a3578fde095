"""What ``flask consent leaks`` prints: refused origins, and which services would explain them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from consent.day import date_of
from consent.log.leaks import Leak
from consent.web.site import Site


def explained(site: Site, leaks: Iterable[Leak]) -> Iterator[str]:
    """Give a line for each of *leaks*."""
    found = list(leaks)
    if not found:
        yield "nothing was reported" if site.config.csp else "nothing is reported: no CONSENT_CSP"
        return
    width = max(len(leak.origin) for leak in found)
    for leak in found:
        day = date_of(leak.last).isoformat()
        start = f"{leak.count:>7}  {leak.origin:<{width}}  {leak.directive:<15}  last {day}"
        yield f"{start}  {_service(site, leak.origin)}"


def _service(site: Site, origin: str) -> str:
    declared, known = site.owners.explanations(origin)
    if declared:
        return f"{' or '.join(declared)}: declared, loaded before its grant or outside a gate"
    if known:
        return f"{' or '.join(known)}: not declared"
    return "no service that is known"
