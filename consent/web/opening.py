"""What a page shows of a gate, and before other markup of a service that is not granted."""

from __future__ import annotations

from typing import NamedTuple

from jinja2 import pass_context
from jinja2.runtime import Context

from consent.gate.embeds import sparing
from consent.gate.frame import look
from consent.gate.markup import CLOSING, HUSH, unhurried
from consent.web.frame import checked, drawn, frame_style
from consent.web.shown import MEMORY, Cut, joined
from consent.web.visit import Visit, visit


class Opening(NamedTuple):
    """What precedes markup in a page: in two parts if a size is drawn, which needs a style."""

    before: Cut
    after: Cut | None = None

    def at(self, now: Visit) -> str:
        """Return it as it stands in the page of the visit *now*."""
        path, (before, after) = now.path, self
        if after is None:
            return path.join(before)
        return f"{path.join(before)}{frame_style(now)}{path.join(after)}"


@pass_context
def gate(_: Context, markup: str, service: str, poster: object = None) -> str:
    """
    Return the *markup* of a gate: as it is if *service* is granted, else inert.

    Nothing if the policy does not declare the service: it is off for everybody, and the operator
    is told once. *poster* is the address of a picture; None, or what has no value in a template:
    what the markup itself names.

    The context is asked for so that Jinja works out no gate when it compiles a template.
    """
    now = visit()
    # As plain text: markup that is added to would escape the rest, and before MarkupSafe 3 it
    # escaped what it was divided by, too.
    markup = str(markup)
    if service in now.granted:
        return sparing(markup, now.site.adapters.get(service))
    gates = now.shown.gates
    key = (service, markup, checked(now, poster) if poster else None)
    closed = gates.get(key)
    if closed is None:
        closed = _closed(now, *key)
        if len(gates) >= MEMORY:
            gates.clear()
        gates[key] = closed
    return closed.at(now)


def opening(
    now: Visit, service: str, markup: str, *, direct: str, picture: str | None = None
) -> Opening:
    """
    Return what makes the *markup* of *service* inert, after its placeholder if it has one.

    *direct* is where the content can be opened at the provider's, *picture* what stands behind the
    text of the placeholder; nothing: no picture, None: what the markup names.
    """
    cuts = now.shown.opening(service, direct)
    if len(cuts) == 1:
        return Opening(*cuts)
    if picture is None and (named := look(markup).poster):
        picture = checked(now, named)
    drawing = drawn(markup, picture)
    before, after = cuts
    return Opening(before, joined((drawing,), after)) if drawing else Opening(joined(*cuts))


def _closed(now: Visit, service: str, markup: str, picture: str | None) -> Opening:
    """Return a whole gate that is not open."""
    site = now.site
    if (service, False) not in now.shown.openings:
        site.warn_once(f'gate "{service}": not a service of {site.config.policy_file.name}')
        return Opening(("",))
    address = look(markup).address
    direct = address if address and site.owners.is_of(service, address) else ""
    before, after = opening(now, service, markup, direct=direct, picture=picture)
    inside = (unhurried(sparing(markup, site.adapters.get(service))) + CLOSING,)
    if after is None:
        return Opening(joined((HUSH,), before, inside))
    return Opening(joined((HUSH,), before), joined(after, inside))
