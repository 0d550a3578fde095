"""The notices on the desk: all versions, each as it was shown, and what differs between two."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import Response, current_app, request, url_for
from markupsafe import Markup

from consent.audit import given, shots
from consent.audit.given import Unreadable
from consent.audit.reading import kind_name, language_name
from consent.audit.shots import WIDTHS
from consent.audit.tally import counted_as
from consent.audit.versions import SIZE, notice, whole
from consent.day import date_of
from consent.errors import LogError, LogUnavailable
from consent.log.export.selection import DECISIONS
from consent.log.store import Store
from consent.policy.notice import MEDIA_TYPE, Notice
from consent.web.assets import address
from consent.web.desk.door import note
from consent.web.desk.shell import desk_page, language, say
from consent.web.site import EXTENSION, current_site
from consent.web.templates import ours

if TYPE_CHECKING:
    from consent.audit.difference import Difference

_STYLES = ("css/desk/record.css",)

#: What a page may do that shows a notice as it was: show its style sheet, in a frame of ours.
_INERT = "sandbox; default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; " + (
    "form-action 'none'; frame-ancestors 'self'"
)

#: Prints what the style sheet of a notice leaves out, as it lies over the page there.
_ON_PAPER = "css/desk/shown.css"

#: The button that is stored hidden, as the script alone brings it in, and what hides it.
_ONCE = re.compile(r'<button\b[^>]*\bvalue="once"[^>]*>')
_HIDDEN = re.compile(r'\shidden(="[^"]*")?(?=[\s>])')


def notices() -> Response:
    """List the versions, the latest first."""
    title = say()("notices.title")
    try:
        sent = request.args.get("before", "")
        before = _place(sent) if sent else None
    except Unreadable:
        problem = say()("notices.bad_page")
        return desk_page("notices", title, status=400, problem=problem, versions=[])
    note("look-up", "notices")
    found = current_site().versions.page(before)
    rows, rest = found[:SIZE], found[SIZE:]
    older = f"{rows[-1].first_used}.{rows[-1].hash}" if rest else None
    return desk_page(
        "notices", title, styles=_STYLES, versions=rows, older=older, date_of=date_of,
        spoken=language_name,
    )  # fmt: skip


def version(hash: str) -> Response:
    """Show one version: its use, how it looked, and its pictures."""
    shown = _found(hash)
    if isinstance(shown, Response):
        return shown
    found = current_site().versions.version(shown.hash)
    if found is None:
        return _missing(say()("notices.missing"), 404)
    note("look-up", f"notice {shown.hash}")
    counts = found.use.counts if found.use else {}
    kinds = [
        (kind_name(say(), kind), sum(counts.get(part, 0) for part in counted_as(kind)))
        for kind in DECISIONS
    ]
    return desk_page(
        "notice",
        say()("notices.version.title", hash=shown.hash[:16]),
        styles=_STYLES,
        notice=shown,
        version=found,
        kinds=kinds,
        shots=shots.of(_store(), shown.hash),
        earlier=current_site().versions.earlier(found),
        date_of=date_of,
        spoken=language_name(shown.language, language()),
        layer="banner",
        widths=WIDTHS,
    )


def compare() -> Response:
    """Show what differs between two versions."""
    from consent.audit.difference import difference  # with all that compares words

    title = say()("notices.compare.title")
    try:
        hashes = [_asked(request.args.get(name, "")) for name in ("old", "new")]
    except Unreadable:
        return _missing(say()("notices.bad_hash"), 400)
    both = []
    for hash in hashes:
        shown = _found(hash)
        if isinstance(shown, Response):
            return shown
        both.append(shown)
    old, new = both
    note("look-up", f"notices {old.hash} {new.hash}")
    return desk_page(
        "notice_compare",
        title,
        styles=_STYLES,
        old=old,
        new=new,
        difference=difference(*map(_spelled, both)),
        parts=_parts,
        field_name=_field_name,
    )


def _spelled(notice: Notice) -> dict[str, Any]:
    """Return what *notice* says, with its language by name."""
    return {**notice.content, "language": language_name(notice.language, language())}


def raw(hash: str) -> Response:
    """Hand out a version as it is stored."""
    found = _found(hash)
    if isinstance(found, Response):
        return found
    note("export", f"notice {found.hash}")
    answer = Response(found.body, mimetype=MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f"attachment; filename={found.hash}.json"
    return answer


def shown(hash: str) -> Response:
    """
    Show a layer of a version alone, inert, with the style sheets that it was shown with.

    With ``pressed=once`` the button for one page view is seen, as by who pressed it.
    """
    found = _found(hash)
    if isinstance(found, Response):
        return found
    layer = request.args.get("layer", "banner")
    if layer not in found.content["layers"]:
        return _missing(say()("notices.missing"), 404)
    style = url_for(f"{EXTENSION}.notice_style", hash=found.hash, all=1)
    once = request.args.get("pressed") == "once"
    page = inert(found, layer, style, once=once, on_paper=address(_ON_PAPER))
    answer = Response(page, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = _INERT
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def inert(
    notice: Notice, layer: str, style: str, *, once: bool = False, on_paper: str | None = None
) -> str:
    """
    Return a page that shows a *layer* of a *notice* with the style sheet at *style*.

    *once*: with the button that is seen only where the script runs. *on_paper*: the address of a
    style sheet that makes up for what the site leaves out of a print.
    """
    markup = notice.content["layers"][layer]
    if once:
        markup = _ONCE.sub(lambda tag: _HIDDEN.sub("", tag[0]), markup)
    template = ours(current_app, "consentry/audit/shown.html")
    return template.render(
        notice=notice,
        layer=layer,
        markup=Markup(markup),
        language=language(),
        page=say()("record.seen.page"),
        title=say()("notices.version.title", hash=notice.hash[:16]),
        style=style,
        on_paper=on_paper,
    )


def shot(hash: str, language: str, width: int) -> Response:
    """Hand out a picture of a version."""
    found = _found(hash)
    if isinstance(found, Response):
        return found
    kept = ((one.language, one.width) for one in shots.of(_store(), found.hash))
    known = (language, width) in kept
    body = shots.picture(_store(), found.hash, language, width) if known else None
    if body is None:
        return _missing(say()("notices.missing"), 404)
    return Response(body, mimetype=shots.MEDIA_TYPE)


def _found(hash: str) -> Notice | Response:
    """Return the notice with this *hash*, or the page that says why there is none."""
    try:
        asked = _asked(hash)
    except Unreadable:
        return _missing(say()("notices.bad_hash"), 400)
    try:
        found = notice(_store(), asked)
    except LogUnavailable:
        raise
    except LogError:
        return _missing(say()("notices.version.changed"), 200)
    return found or _missing(say()("notices.missing"), 404)


def _asked(text: str) -> str:
    """Return the hash that *text* spells or begins. Raises Unreadable."""
    return given.hash_of(whole(_store(), text))


def _missing(text: str, status: int) -> Response:
    title = say()("notices.missing_title")
    return desk_page("notice_missing", title, status=status, problem=text)


def _parts(found: Difference) -> list[tuple[str, Any]]:
    names = ("purposes", "facts", "texts", "files")
    return [(name, getattr(found, name)) for name in names]


def _field_name(key: str) -> str:
    """Return what a field of a notice is called, or itself where it has no other name."""
    try:
        return say()("notices.field." + key)
    except KeyError:
        return key


def _place(text: str) -> tuple[int, str]:
    first, _, hash = text.partition(".")
    if not (first.isascii() and first.isdecimal() and len(first) < 16):
        raise Unreadable("hash")
    return int(first), given.hash_of(hash)


def _store() -> Store:
    return current_site().store
