"""
The form that a visitor sent, read strictly.

Everything in it is hostile until it has been checked here. What cannot be understood is
refused as a whole; nothing is guessed (requirements SE-04 to SE-09).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from flask import Request
from werkzeug.exceptions import (
    BadRequest,
    Conflict,
    HTTPException,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from consent.choice.decide import CONTROLS, SINGLE, Control
from consent.web.notices import NoticeBook
from consent.web.origin import home, return_path
from consent.web.shown import Shown

#: Largest form that is read, in bytes.
MAX_BODY = 4096

LAYERS = ("banner", "settings", "placeholder", "link")

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a visitor asked for."""

    control: Control
    services: frozenset[str]
    layer: str
    next: str  #: path to return to
    shown: Shown  #: the notice that was on screen
    about: frozenset[str]  #: what the first layer asked about; empty: about everything


def read_wish(request: Request, notices: NoticeBook, language: str) -> Wish:
    """
    Return what the form of *request* asks for.

    Raises the HTTP errors 400 for a form that makes no sense, 409 for a notice that is no
    longer shown, 413 for a body over the limit and 415 for anything but a plain form. A refusal
    needs no notice to be valid: it is taken under the current one in the language of its own, or
    in *language* if that is not known, as far as it is about services that this one offers.
    """
    form = _form(request)
    control, layer, hash = _one(form, "decision"), _one(form, "layer"), _one(form, "notice")
    if control not in CONTROLS or layer not in LAYERS:
        raise BadRequest
    asks_for_services = control == "save" or control in SINGLE
    services = frozenset(form.get("service", ())) if asks_for_services else frozenset()
    if control in SINGLE and len(services) != 1:
        raise BadRequest
    about = frozenset(form.get("about", ())) if control in ("accept", "reject") else frozenset()
    has_hash = bool(_HASH.fullmatch(hash))
    shown = notices.by_hash(hash, request) if has_hash else None
    if shown is None:
        shown = notices.shown(language, request.root_path, request.scheme)
        left = about & shown.notice.terms.keys()
        if control not in ("reject", "withdraw") or (about and not left):
            raise Conflict if has_hash else BadRequest
        about = left
        shown = (notices.speaking(hash, request) if has_hash else None) or shown
    if not services | about <= shown.notice.terms.keys():
        raise BadRequest
    return Wish(
        control, services, layer, return_path(_one(form, "next"), home(request)), shown, about
    )


def form_field(request: Request, name: str) -> str:
    """Return one field of the form, for the answer to a request that was refused."""
    try:
        return _one(_form(request), name)
    except HTTPException:
        return ""


def _form(request: Request) -> dict[str, list[str]]:
    if request.mimetype != "application/x-www-form-urlencoded":
        raise UnsupportedMediaType
    # What comes in chunks tells no length and is cut off without a word: one more byte tells.
    request.max_content_length = MAX_BODY + 1
    # Nothing is left of what a hook of the site has read as a form before.
    body = request.get_data() or urlencode([*request.form.items(multi=True)]).encode()
    if len(body) > MAX_BODY:
        raise RequestEntityTooLarge
    return parse_qs(body.decode("ascii", "replace"), keep_blank_values=True)


def _one(form: dict[str, list[str]], name: str) -> str:
    values = form.get(name, ())
    return values[0] if len(values) == 1 else ""
