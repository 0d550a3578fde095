"""The keys of a file of the catalogue: those of a service, and what only an entry says."""

from __future__ import annotations

from consent.policy import addresses
from consent.policy.fields import SERVICE, TEXT
from consent.policy.model import Source
from consent.policy.tables import Field, Table
from consent.policy.values import Flag, Listed, one_of

SOURCE = Table(
    wanted="a table with url and date",
    noun="a source",
    make=Source,
    fields=(
        Field(name="url", value=addresses.LINK, required=True),
        Field(name="date", value=TEXT, required=True),
        Field(name="more", value=Listed(wanted="a list of addresses", of=addresses.LINK, least=1)),
        Field(
            name="unconfirmed",
            value=Listed(
                wanted="a list of fields",
                of=one_of(*(field.name for field in SERVICE.fields)),
                least=1,
            ),
        ),
    ),
)
ENTRY = SERVICE.overriding(
    Field(name="source", value=SOURCE, required=True),
    Field(name="own_host", value=Flag(wanted="true or false")),
    name="entry",
)
