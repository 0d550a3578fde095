"""
The form that a visitor sent, read strictly.

Everything in it is hostile until it has been checked here. What cannot be understood is
refused as a whole; nothing is guessed (requirements SE-04 to SE-09).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Request
from werkzeug.exceptions import BadRequest, Conflict, RequestEntityTooLarge, UnsupportedMediaType

from consent.choice.decide import CONTROLS, SINGLE, Control
from consent.web.notices import NoticeBook, Shown
from consent.web.origin import return_path

#: Largest form that is read, in bytes.
MAX_BODY = 4096

LAYERS = ("banner", "settings", "placeholder")

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a visitor asked for."""

    control: Control
    services: frozenset[str]
    layer: str
    next: str  #: path to return to
    shown: Shown  #: the notice that was on screen

    @property
    def only_refuses(self) -> bool:
        """Whether nothing can be granted by it, so that nothing may stop it."""
        return self.control in ("reject", "withdraw")


def read_wish(request: Request, notices: NoticeBook, language: str) -> Wish:
    """
    Return what the form of *request* asks for.

    Raises the HTTP errors 400 for a form that makes no sense, 409 for a notice that is no
    longer shown, 413 for a body over the limit and 415 for anything but a plain form. A refusal
    needs no notice to be valid: it is taken under the current one in *language*.
    """
    if request.mimetype != "application/x-www-form-urlencoded":
        raise UnsupportedMediaType
    if (request.content_length or 0) > MAX_BODY:
        raise RequestEntityTooLarge
    request.max_content_length = MAX_BODY
    form = request.form
    control, layer, hash = _one(request, "decision"), _one(request, "layer"), form.get("notice", "")
    if control not in CONTROLS or layer not in LAYERS or len(form.getlist("notice")) > 1:
        raise BadRequest
    services = frozenset(form.getlist("service")) if control in ("save", *SINGLE) else frozenset()
    if control in SINGLE and len(services) != 1:
        raise BadRequest
    shown = notices.by_hash(hash, request) if _HASH.fullmatch(hash) else None
    if shown is None and control in ("reject", "withdraw"):
        shown = notices.shown(language, request)
    if shown is None:
        raise Conflict if _HASH.fullmatch(hash) else BadRequest
    if not services <= shown.notice.terms.keys():
        raise BadRequest
    return Wish(control, services, layer, return_path(form.get("next")), shown)


def _one(request: Request, name: str) -> str:
    values = request.form.getlist(name)
    return values[0] if len(values) == 1 else ""
