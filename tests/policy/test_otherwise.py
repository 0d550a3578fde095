"""What names are called elsewhere, for hints."""

from __future__ import annotations

from typing import get_args

from consent.policy import otherwise, shelf, wording
from consent.policy.document import built_in, document
from consent.policy.fields import CONTROLLER, ITEM, LINKS, PURPOSE, SERVICE
from consent.policy.model import Audience, Placement, Tone, Ungranted, Unknown
from consent.policy.services import HOST


def test_every_hint_leads_to_something():
    """
    What is offered instead of a key, word, purpose or service is one; what it stands for is none.
    """
    tables = (document(), CONTROLLER, LINKS, ITEM, PURPOSE, SERVICE)
    keys = {HOST.name, *(field.name for table in tables for field in table.fields)}
    kinds = (Placement, Tone, Audience, Unknown, Ungranted)
    words = {word for kind in kinds for word in get_args(kind)} | {*wording.languages()}
    assert not otherwise.CODE & keys
    for given, meant in (
        (otherwise.KEYS, keys),
        (otherwise.WORDS, words),
        (otherwise.PURPOSES, built_in()),
        (otherwise.SERVICES, shelf.names()),
    ):
        offered = {
            name
            for names in given.values()
            for name in ((names,) if isinstance(names, str) else names)
        }
        assert offered <= set(meant)
        assert not given.keys() & set(meant)
