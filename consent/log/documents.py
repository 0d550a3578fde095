"""
What events refer to, found by its hash: notices, style sheets, scripts.

It is kept once, when an event refers to it for the first time, and stays when the event is erased.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, select

from consent.errors import LogError
from consent.log.database import tables
from consent.log.database.prepared import Prepared
from consent.log.document import Document

_document = tables.document.c


class Documents(Prepared):
    """The documents of a site, to be read."""

    def document(self, hash: str) -> Document | None:
        """
        Return the document with this *hash*, or None if no event ever referred to it.

        Raises LogError if its content no longer has that hash.
        """
        return checked(hash, self._rows(asking(self.site, hash)))

    def find_document(self, start: str) -> Document | None:
        """
        Return the document whose hash begins with *start*, hexadecimal digits, or None.

        Raises LogError as :meth:`document` does.
        """
        hash, here = _document.hash, _document.site == self.site
        found = self._all(select(hash).where(here, hash >= start, hash < start + "g").limit(1))
        return self.document(found[0]) if found else None

    def first_used(self, hash: str) -> int | None:
        """
        Return when the document with this *hash* was first referred to, or None if it never was.

        The time is in milliseconds since 1970 UTC.
        """
        query = select(_document.first_used).where(
            _document.site == self.site, _document.hash == hash
        )
        found: list[int] = self._all(query)
        return found[0] if found else None

    def documents(self, media_type: str) -> Iterator[Document]:
        """Give all documents of a *media_type* in the order of their first use."""
        query = (
            select(_document.hash)
            .where(_document.site == self.site, _document.media_type == media_type)
            .order_by(_document.first_used, _document.hash)
        )
        yield from filter(None, map(self.document, self._all(query)))


def asking(site: str, hash: str) -> Select[Any]:
    """Return what finds the document of a *site* with this *hash*."""
    query = select(_document.media_type, _document.body)
    return query.where(_document.site == site, _document.hash == hash)


def checked(hash: str, found: list[Any]) -> Document | None:
    """
    Return the document with this *hash* that was *found*, None if none was.

    Raises LogError if its content no longer has that hash.
    """
    if not found:
        return None
    document = Document(*found[0])
    if document.hash != hash:
        raise LogError(f"the document {hash} was changed in the database: found {document.hash}")
    return document
