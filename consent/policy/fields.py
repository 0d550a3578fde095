"""
The keys of each table of the policy file: what may stand there, whether it must, and why.

The reader and the schema for editors are both made from these tables;
:mod:`consent.policy.document` puts them together.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

from consent.policy import addresses, duration, otherwise, phrases
from consent.policy.countries import country
from consent.policy.mistakes import nearest, shown, unaccented
from consent.policy.model import (
    Adapter,
    Controller,
    Domain,
    Embed,
    Item,
    ItemKind,
    Links,
    Practice,
    Safeguard,
)
from consent.policy.signs import UNSEEN, visible
from consent.policy.tables import Field, Table
from consent.policy.values import Listed, Pattern, Text, Words, one_of

#: What a site has to say about a service that it describes itself.
OWN = "name, provider, country, purpose, hosts and items"


def _id_hint(given: object) -> str | None:
    if given == "essential":
        return "what the site itself needs is declared under [[essential]]"
    if isinstance(given, list):
        return "several stand behind purposes"
    slug = re.sub("[^a-z0-9]+", "-", unaccented(str(given))).strip("-")
    return f'"{slug}"' if ID.fits(slug) else None


def _item_hint(given: object) -> str | None:
    seen = visible(given) if isinstance(given, str) else given
    return shown(seen) if seen != given and ITEM_NAME.fits(str(seen)) else None


ID = Pattern(
    wanted="an id of small letters, digits and hyphens, a letter first, 32 at most, not essential",
    pattern="[a-z][a-z0-9-]{0,31}",
    longest=32,
    reserved=("essential",),
    hint=_id_hint,
    name="id",
)


def _purpose_hint(given: object) -> str | None:
    known_as = otherwise.PURPOSES.get(str(given).strip().lower())
    return f'"{known_as}"' if known_as else _id_hint(given)


PURPOSE_ID = replace(ID, hint=_purpose_hint)
TEXT = Text(wanted="a text in quotes", name="text")
NAME = Text(
    wanted="a text in quotes, of 300 characters at most", longest=300, name="name-or-address"
)
WORDS = Words(wanted="a text, or texts by language", text=TEXT, name="words")
NEUTRAL_WORDS = Words(
    wanted="a text, or texts by language",
    text=Text(wanted="a text in quotes", objection=phrases.empty, name="text"),
    name="words",
)
ITEM_NAME = Pattern(
    wanted='the name of a cookie or storage key, with "*" for what varies',
    pattern=rf"[^{UNSEEN}]*[^{UNSEEN}\s*][^{UNSEEN}]*",
    longest=200,
    hint=_item_hint,
)
DURATION = Pattern(
    wanted=duration.WANTED,
    pattern=duration.PATTERN,
    hint=duration.hint,
    make=duration.parse,
    name="duration",
)


def _retention_hint(given: object) -> str | None:
    better = duration.hint(given)
    fits = better is not None and RETENTION.fits(better.strip('"'))
    return better if fits or not isinstance(given, str) else None


RETENTION = Pattern(
    wanted='a number of days, weeks, months or years, such as "3 years"',
    pattern=r"[1-9][0-9]{0,3} (day|week|month|year)s?",
    hint=_retention_hint,
    make=duration.parse,
)


def _adapter_hint(given: object) -> str | None:
    near = nearest(str(given), get_args(Adapter))
    return f'"{near}"' if near else None


ADAPTER = Pattern(
    wanted=f'one of {", ".join(get_args(Adapter))}, or the path of a script such as "/told.js"',
    pattern=rf"({'|'.join(get_args(Adapter))})|/([A-Za-z0-9._~%?=&-][A-Za-z0-9._~%/?=&-]*)?",
    longest=200,
    hint=_adapter_hint,
    name="adapter",
)

CONTROLLER = Table(
    wanted="a table with name and email",
    noun="the controller",
    make=Controller,
    fields=(
        Field(name="name", value=NAME, required=True, about="Full name of the controller."),
        Field(
            name="email",
            value=addresses.EMAIL,
            required=True,
            about="Where questions about privacy are answered.",
        ),
        Field(
            name="country", value=country(), default="DE", about="Country of the controller's seat."
        ),
        Field(name="address", value=NAME, about="Postal address in one line."),
        Field(name="dpo", value=NAME, about="How to reach the data protection officer."),
    ),
)
LINKS = Table(
    wanted="a table with privacy and imprint",
    noun="the links",
    make=Links,
    fields=(
        Field(
            name="privacy",
            value=addresses.LINK,
            required=True,
            about="The site's privacy policy; it can be read without deciding.",
        ),
        Field(
            name="imprint",
            value=addresses.LINK,
            required=True,
            about="The site's legal notice; it can be read without deciding.",
        ),
        Field(
            name="sign_language",
            value=addresses.LINK,
            about="A page with a film in sign language about the decision; nobody is asked there.",
        ),
    ),
)


def _item(name: str, content: str, kind: str | None, *more: Field) -> Table:
    kinds = one_of(*get_args(ItemKind))
    return Table(
        wanted="a table with name, kind, duration and content",
        noun="an item",
        make=Item,
        name=name,
        fields=(
            Field(
                name="name",
                value=ITEM_NAME,
                required=True,
                about='Name, storage key, or path of a worker; "*" stands for any characters.',
            ),
            Field(
                name="kind",
                value=kinds,
                required=kind is None,
                default=kind,
                about="Where the browser keeps it.",
            ),
            Field(name="duration", value=DURATION, required=True, about="How long it stays."),
            Field(
                name="content",
                value=WORDS,
                required=True,
                about=f"{content} In own words, or one of the shipped ones by name.",
            ),
            *more,
        ),
    )


ITEM = _item(
    "item",
    "What it holds.",
    None,
    Field(
        name="domain",
        value=one_of(*get_args(Domain)),
        about="Whose domain it lies on; the provider's for an embed if nothing is said.",
    ),
)
ESSENTIAL = _item("essential-item", "What it holds and why it is needed.", "cookie")

PURPOSE = Table(
    wanted="a table with title, description and without",
    noun="a purpose",
    name="own-purpose",
    fields=(
        Field(
            name="title",
            value=NEUTRAL_WORDS,
            required=True,
            about="The purpose in two or three concrete words.",
        ),
        Field(
            name="description",
            value=NEUTRAL_WORDS,
            required=True,
            about="One sentence that says what is done.",
        ),
        Field(
            name="without",
            value=NEUTRAL_WORDS,
            required=True,
            about="One sentence that says what is missing when it is refused.",
        ),
    ),
)
BUILT_IN_PURPOSE = PURPOSE.overriding(name="built-in-purpose")

SERVICE = Table(
    wanted=f"a table with {OWN}",
    noun="a service",
    name="own-service",
    either=("purpose", "purposes"),
    needs_either=True,
    fields=(
        Field(name="name", value=NAME, required=True, about="Name that visitors know."),
        Field(
            name="provider",
            value=NAME,
            required=True,
            about="Company or person that receives the data, in full.",
        ),
        Field(
            name="country", value=country(), required=True, about="Country of the provider's seat."
        ),
        Field(name="address", value=NAME, about="Postal address of the provider in one line."),
        Field(name="purpose", value=PURPOSE_ID, about="Id of the purpose that it serves."),
        Field(
            name="purposes",
            value=Listed(wanted="a list of purposes", of=PURPOSE_ID, least=1),
            about="Ids of the purposes that it serves, if there are several.",
        ),
        Field(
            name="hosts",
            value=Listed(wanted="a list of host names", of=addresses.HOST),
            required=True,
            about="Where its markup loads from.",
        ),
        Field(
            name="items",
            value=Listed(wanted="a list of items, which may be empty", of=ITEM),
            required=True,
            about="What it stores or reads on the device; an empty list if nothing.",
        ),
        Field(
            name="transfers",
            value=Listed(wanted="a list of country codes", of=country()),
            about="Further countries that receive data.",
        ),
        Field(
            name="safeguard",
            value=one_of(*get_args(Safeguard)),
            about="Ground for data to leave the EEA; needed if a country lies outside.",
        ),
        Field(
            name="practices",
            value=Listed(wanted="a list of practices", of=one_of(*get_args(Practice))),
            about="What it does beyond its purposes and visitors must be told.",
        ),
        Field(
            name="embed",
            value=one_of(*get_args(Embed)),
            about="What a placeholder stands for; none for services that nobody sees.",
        ),
        Field(name="privacy", value=addresses.LINK, about="The provider's privacy page."),
        Field(
            name="adapter",
            value=ADAPTER,
            about="What tells the provider of grant and withdrawal, by name or as a script of the "
            "site's own; nothing if nothing is said.",
        ),
    ),
)
