"""The contact form: works without consent, script and cookie, and keeps nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Request

TOPICS = ("Allgemeine Frage", "Schnittkurse", "Mitglied werden", "Bäume bestellen", "Presse")
FIELDS = ("name", "email", "topic", "message")
LONGEST = 4000

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")


def read(form: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed, without the blanks around it."""
    return {field: form.get(field, "").strip() for field in FIELDS}


def mistakes(typed: Mapping[str, str]) -> dict[str, str]:
    """Return what to mend, by field; empty if the message can be sent."""
    found = {}
    if not typed["name"]:
        found["name"] = "Bitte geben Sie Ihren Namen an."
    if not _EMAIL.fullmatch(typed["email"]):
        found["email"] = "Bitte geben Sie eine E-Mail-Adresse an, zum Beispiel anna@verein.example."
    if typed["topic"] not in TOPICS:
        found["topic"] = "Bitte wählen Sie ein Thema aus der Liste."
    if len(typed["message"]) < 10:
        found["message"] = "Bitte schreiben Sie uns mindestens einen kurzen Satz."
    elif len(typed["message"]) > LONGEST:
        found["message"] = f"Bitte kürzen Sie Ihre Nachricht auf {LONGEST} Zeichen."
    return found


def foreign(request: Request) -> bool:
    """Tell whether the browser says that another site sent this form."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and origin.partition("://")[2] != request.host
