"""
All pages of the desk, by name.

They are loaded when the first of them is opened; where they are says
:mod:`consent.web.desk.routes`.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from consent.web.desk import (
    access,
    exports,
    find,
    notices,
    overview,
    prepared,
    record,
    sample,
    summary,
)

#: What shows each page, or answers each form.
VIEWS: dict[str, Callable[..., Response]] = {
    "overview": overview.overview,
    "check": overview.check,
    "find": find.find,
    "look_up": find.look_up,
    "record": record.show,
    "record_check": record.check_now,
    "record_proof": record.proof,
    "place": record.place,
    "notices": notices.notices,
    "notice_compare": notices.compare,
    "notice": notices.version,
    "notice_raw": notices.raw,
    "notice_shown": notices.shown,
    "notice_shot": notices.shot,
    "sample": sample.page,
    "sample_file": sample.file,
    "exports": exports.page,
    "exports_file": exports.download,
    "summary": summary.summary,
    "prepared": prepared.prepared,
    "prepared_file": prepared.take,
    "access": access.access,
}
