"""What a page shows of a gate, and before other markup of a service that is not granted."""

from __future__ import annotations

from functools import lru_cache

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context

from consent.errors import one_line
from consent.gate.embeds import MEMORY as EMBEDS
from consent.gate.embeds import sparing
from consent.gate.frame import look
from consent.gate.markup import CLOSING, HUSH, OUT, unhurried
from consent.gate.place import SHUT
from consent.gate.whole import ended, has_tags, whole
from consent.web.assets import FRAME
from consent.web.page.frame import checked, drawn, frame_style
from consent.web.shown import MEMORY, Opening, joined
from consent.web.visit import HELD, Visit, begin, current_request

#: What an operator is told of a gate that holds what would get out of a template.
_TORN = (
    "what stands in it ends a template or a comment that does not begin in it, or never ends, so "
    "nothing of it is there before consent; hint: let each element begin and end in the gate"
)

#: What an operator is told of a gate that would take along what follows it in the page.
_OPEN = (
    "what stands in it ends in a tag, a comment or a text such as a script, so an end was added or "
    "the rest was left out; hint: let each element begin and end in the gate"
)

#: Characters of a service that nobody knows which an operator is told.
LONGEST = 60


@pass_context
def gate(
    _: Context | None, markup: str, service: str, poster: object = None, place: str = ""
) -> str:
    """
    Return the *markup* of a gate: as it is if *service* is granted, else inert.

    Ends that are missing in it are added in any case, as else it would take the next gate along.

    Nothing if the policy does not declare the service: it is off for everybody, and the operator
    is told once; nothing either if the *place* of the gate is one where nothing can be held, or if
    the policy wants nothing of a service before it is granted.
    *poster* is the address of a picture; None, or what has no value in a template: what the markup
    itself names.

    The context is asked for so that Jinja works out no gate when it compiles a template.
    """
    asked = current_request()
    now: Visit = getattr(asked, HELD, None) or begin(asked)
    # As plain text: markup that is added to would escape the rest, and before MarkupSafe 3 it
    # escaped what it was divided by, too.
    markup = str(markup)
    if service in now.granted:
        adapter = now.site.adapters.get(service)
        if place in SHUT:
            return sparing(markup, adapter)
        shown, is_mended = _opened(markup, adapter)
        if is_mended:
            now.site.warn_once(f'gate "{service}": {_OPEN}')
        return shown
    if now.is_framed and FRAME in markup:
        now.is_framed = False  # the style of a gate in this one will be inert
    if place in SHUT:
        markup = ""
    gates = now.shown.gates
    key = (service, markup, checked(now, poster) if poster else None)
    closed = gates.get(key)
    if closed is None:
        closed = _closed(now, *key)
        if len(gates) >= MEMORY:
            gates.clear()
        gates[key] = closed
    if now.is_bare:
        return ""
    return closed if isinstance(closed, str) else written(closed, now)


def written(opening: Opening, now: Visit) -> str:
    """Return *opening* as it stands in the page of the visit *now*."""
    path, last = now.path, opening.last
    if opening.after is None:
        return path.join(opening.before)
    is_usual = not now.is_framed and now.nonce is None and not now.is_debug
    if is_usual and last is not None and last[0] == (path, now.root):
        now.is_framed = True
        return last[1]
    text = f"{path.join(opening.before)}{frame_style(now)}{path.join(opening.after)}"
    if is_usual:
        opening.last = (path, now.root), text
    return text


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


@lru_cache(EMBEDS)
def _opened(markup: str, adapter: str | None) -> tuple[str, bool]:
    """Return the *markup* of a gate that is open, and whether it has not all of its ends."""
    made = ended(markup) or ""
    return sparing(made, adapter), made != markup


def _closed(now: Visit, service: str, markup: str, picture: str | None) -> str | Opening:
    """Return a whole gate that is not open, as text if it is the same on every page."""
    site = now.site
    if (service, False) not in now.shown.openings:
        site.warn_once(_unknown(service, site.config.policy_file.name))
        return ""
    # Text loads nothing as HTML: what has no tag may be part of a script, a style or a tag.
    if not has_tags(markup):
        return ""
    inside = whole(markup)
    if inside is None:
        site.warn_once(f'gate "{service}": {_TORN}')
        return ""
    if inside != markup:
        site.warn_once(f'gate "{service}": {_OPEN}')
    address = look(markup).address
    direct = address if address and site.owners.is_of(service, address) else ""
    begun = opening(now, service, markup, direct=direct, picture=picture)
    before = joined((HUSH if markup.lstrip().startswith("<") else OUT + HUSH,), begun.before)
    closing = (unhurried(sparing(inside, site.adapters.get(service))) + CLOSING,)
    if begun.after:
        return Opening(before, joined(begun.after, closing))
    parts = joined(before, closing)
    return parts[0] if len(parts) == 1 else Opening(parts)


def _unknown(service: str, file: str) -> str:
    if isinstance(service, Undefined):
        name = service._undefined_name  # noqa: SLF001 - nothing else tells
        return f"gate {name}: has no value; hint: put the name of a service in quotes"
    # It may come from a database, where others write: the operator's log has it in one line.
    return f'gate "{one_line(str(service), LONGEST)}": not a service of {file}'
