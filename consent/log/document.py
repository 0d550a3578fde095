"""What an event refers to: a notice, a style sheet or a script, named by its content."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Document:
    """The exact bytes of something that was shown. It never changes; another one follows it."""

    media_type: str
    body: bytes
    hash: str = field(init=False)  #: SHA-256 of the body, in hex

    def __post_init__(self) -> None:
        object.__setattr__(self, "hash", sha256(self.body).hexdigest())
