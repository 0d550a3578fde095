"""The policy file as a whole, put together from the tables of :mod:`consent.policy.fields`."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from itertools import islice
from typing import get_args

from consent.policy import addresses, duration, otherwise, phrases, shelf, wording
from consent.policy.fields import (
    BUILT_IN_PURPOSE,
    CONTROLLER,
    ESSENTIAL,
    ID,
    LINKS,
    NEUTRAL_WORDS,
    PURPOSE,
    RETENTION,
)
from consent.policy.model import Audience, Placement, Signal, Tone, Ungranted, Unknown
from consent.policy.services import services
from consent.policy.tables import Deferred, Field, Keyed, Table
from consent.policy.values import Listed, Whole, one_of

#: Longest time that browsers keep a cookie, in days (RFC 6265bis, requirements RP-07).
LONGEST = 400

#: Six months in days (requirements RP-01, RP-02).
HALF_A_YEAR = 180

#: How many texts are offered whose names end alike.
_OFFERED = 3

_WORDING = 'a table of texts such as "banner.title" = "…"'


def _language_hint(given: object) -> str | None:
    """Offer the language of a name, or of a tag that names a country, too, as texts do not."""
    tag = str(given).strip().lower().replace("_", "-")
    named = (code for code in wording.languages() if tag in wording.language_names(code))
    known_as = otherwise.WORDS.get(tag.replace("-", " ")), otherwise.COUNTRIES.get(tag)
    meant = (tag, *known_as, tag.partition("-")[0], *named)
    ours = next((f'"{one}"' for one in meant if one in wording.languages()), None)
    return ours or _how_to_bring(tag)


def _how_to_bring(tag: str) -> str | None:
    from consent.policy import brought

    return brought.hint(tag)


@cache
def languages() -> Field:
    """Return the field that names the site's languages."""
    return Field(
        name="languages",
        value=Listed(
            wanted=f"a list of languages: {', '.join(wording.languages())}",
            of=replace(one_of(*wording.languages()), hint=_language_hint, brought=True),
            least=1,
        ),
        default=("de",),
        about="Languages of the site, its own first.",
    )


@cache
def document() -> Table:
    """Return the table that is the whole file."""
    return Table(
        wanted="a policy",
        noun="the file",
        elsewhere=lambda key: f"[services.{key}]" if key in shelf.labels() else None,
        fields=(
            Field(
                name="site",
                value=addresses.SITE,
                required=True,
                about="Host name of the site; it names the site in cookies and in the log.",
            ),
            Field(
                name="controller",
                value=CONTROLLER,
                required=True,
                about="Who is responsible for the site (Art. 4(7) GDPR).",
            ),
            Field(
                name="links",
                value=LINKS,
                required=True,
                about="Pages of the site that can be read without deciding.",
            ),
            languages(),
            *_settings(),
            Field(
                name="purposes",
                value=_purposes(),
                about="Purposes of the site's own, or own words for the built-in ones.",
            ),
            Field(
                name="services",
                value=services(),
                about="Optional services, each off until a visitor allows it.",
            ),
            Field(
                name="essential",
                value=Listed(
                    wanted="a list of items, each under [[essential]]", of=ESSENTIAL, unique=False
                ),
                about="What the site itself stores on the device and needs.",
            ),
            Field(name="texts", value=_texts(), about="Own wording by language."),
        ),
    )


def _settings() -> tuple[Field, ...]:
    """Return the fields about how visitors are asked, and about what pages have."""
    return (
        Field(
            name="lifetime",
            value=Whole(
                wanted=f"a whole number of days from 1 to {LONGEST}",
                least=1,
                most=LONGEST,
                count=duration.days,
            ),
            default=HALF_A_YEAR,
            about="Days that a decision is kept, consent and refusal alike.",
        ),
        Field(
            name="retention",
            value=RETENTION,
            about="How long evidence is kept after the year in which a consent ended; "
            "3 years if nothing is said.",
        ),
        Field(
            name="placement",
            value=one_of(*get_args(Placement)),
            default="bar",
            about="Where visitors are asked: at the bottom, in the corner, in the middle.",
        ),
        Field(
            name="tone",
            value=one_of(*get_args(Tone)),
            default="formal",
            about="How visitors are addressed, in languages that know the difference.",
        ),
        Field(
            name="audience",
            value=one_of(*get_args(Audience)),
            default="everybody",
            about="Whom the site is for. One for children under 16 offers optional services only "
            "if it says under parents how these agree (Art. 8 GDPR).",
        ),
        Field(
            name="parents",
            value=NEUTRAL_WORDS,
            about="How parents agree for a child, told wherever somebody is asked.",
        ),
        Field(
            name="signals",
            value=Listed(
                wanted='a list of signals, "gpc" and "dnt", [] for none',
                of=one_of(*get_args(Signal)),
            ),
            default=("gpc", "dnt"),
            about="Signals of browsers that are taken as a refusal.",
        ),
        *_gating(),
    )


def _gating() -> tuple[Field, ...]:
    """Return the fields about what pages have of services, and of hosts that nobody declared."""
    return (
        Field(
            name="own_hosts",
            value=Listed(wanted="a list of host names", of=addresses.HOST),
            default=(),
            about="Hosts of the site's own, such as a CDN, beside its name and all below it.",
        ),
        Field(
            name="unknown",
            value=one_of(*get_args(Unknown)),
            default="block",
            about="What becomes of stored HTML that loads from a host that nobody knows.",
        ),
        Field(
            name="ungranted",
            value=one_of(*get_args(Ungranted)),
            default="inert",
            about="What a page has of a service before it is granted; absent: nothing at all.",
        ),
    )


@cache
def built_in() -> tuple[str, ...]:
    """Return the ids of the purposes that have words of their own."""
    keys = (key.split(".") for key in wording.texts("de"))
    return tuple(key[1] for key in keys if key[0] == "purposes" and key[2] == "title")


def _purposes() -> Keyed:
    return Keyed(
        wanted="tables such as [purposes.media]",
        id=ID,
        choose=lambda id, _row, _at: BUILT_IN_PURPOSE if id in built_in() else PURPOSE,
        named=lambda: {
            id: (BUILT_IN_PURPOSE, wording.texts("en")[f"purposes.{id}.description"])
            for id in built_in()
        },
        other=PURPOSE.schema,
    )


def _texts() -> Table:
    def elsewhere(key: object) -> str | None:
        is_text = key in wording.texts("de")
        return "below a language: [texts.de]" if is_text else _how_to_bring(str(key))

    return Table(
        wanted="tables such as [texts.de]",
        noun="the texts",
        elsewhere=elsewhere,
        brought=True,
        fields=tuple(
            Field(name=language, value=Deferred(wanted=_WORDING, make=partial(_wording, language)))
            for language in wording.languages()
        ),
    )


def _wording(language: str) -> Table:
    """Return the table of own texts; those of purposes stand under ``[purposes.ID]``."""
    standards = {
        key: standard
        for key, standard in wording.texts(language).items()
        if not key.startswith("purposes.")
    }
    more = {key.rpartition(".")[2] for key in standards.keys() - wording.keys()}

    def elsewhere(end: object) -> str | None:
        named = (f'"{key}"' for key in standards if key.endswith(f".{end}"))
        return " or ".join(islice(named, _OFFERED)) or None

    return Table(
        wanted=_WORDING,
        noun="the texts",
        elsewhere=elsewhere,
        name="-".join(("texts", *sorted(more))),
        fields=tuple(
            Field(name=key, value=phrases.own_text(language, key, standard))
            for key, standard in standards.items()
        ),
    )
