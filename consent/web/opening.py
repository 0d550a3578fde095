"""What a page shows before the markup of a service that is not granted."""

from __future__ import annotations

from consent.gate.frame import look
from consent.web.visit import Visit


def opening(visit: Visit, service: str, direct: str = "") -> list[str] | None:
    """
    Return what has to precede the markup of *service*.

    Nothing if it is granted; else a placeholder, where the service has one, and the opening of
    a template, in two parts if the size of the placeholder belongs between them. None if the
    policy does not declare the service: it is off for everybody, and the operator is told once.
    *direct* is where the content can be opened at the provider's.
    """
    if visit.permits(service):
        return []
    made = visit.shown.opening(service, visit.path, direct)
    if made is None:
        file = visit.site.config.policy_file.name
        visit.site.warn_once(f'gate "{service}": not a service of {file}')
    return made


def direct(visit: Visit, service: str, markup: str) -> str:
    """
    Return where the content of *markup* can be opened at the provider's, nothing if nowhere.

    That is the address of its first embed, if it is one of the *service*.
    """
    address = look(markup).address
    return address if address and visit.site.owners.is_of(service, address) else ""
