"""
What stands in a page instead of stored HTML that is held back.

Visible content has a placeholder, a picture its own text, and what nobody sees leaves nothing
but its template, or nothing at all where nobody was asked about it.
"""

from __future__ import annotations

from html import escape

from consent.gate.embeds import sparing
from consent.gate.frame import secure
from consent.gate.hosts import read
from consent.gate.markup import CLOSING, unhurried
from consent.gate.markup import opening as inert
from consent.gate.owner import Owner
from consent.gate.stored import Embed, Kind
from consent.gate.verdict import Group
from consent.policy import shelf
from consent.web.page.opening import opening, written
from consent.web.route import addresses
from consent.web.templates import dependable
from consent.web.visit import Visit

#: What a visitor would miss.
_VISIBLE: tuple[Kind, ...] = ("content", "script", "form")


def stand_in(visit: Visit, group: Group, seen: set[str]) -> list[str]:
    """
    Return what stands for each member of *group*.

    *seen* are the scripts that this page holds already: the same one stands behind each of
    several posts, and once is enough.
    """
    fresh = []
    for embed in group.members:
        if embed.kind != "script" or embed.markup not in seen:
            fresh.append(embed)
            seen.update({embed.markup} if embed.kind == "script" else ())
    texts = (
        _off(visit, group.verdict.off, fresh) if group.verdict.off else _held(visit, group, fresh)
    )
    by_embed = dict(zip(fresh, texts, strict=True))
    return [by_embed.get(embed, "") for embed in group.members]


def _held(visit: Visit, group: Group, members: list[Embed]) -> list[str]:
    """Hold *members* until all services of their *group* are granted, or leave them out."""
    if visit.is_bare:
        return [""] * len(members)
    service, *others = group.verdict.services
    texts = []
    for number, embed in enumerate(members):
        first = _opening(visit, service, members) if number == 0 else inert(service)
        if embed.markup:
            markup = embed.markup
            for name in group.verdict.services:
                markup = sparing(markup, visit.site.adapters.get(name))
            inside = "".join([*map(inert, others), unhurried(markup), CLOSING * len(others)])
        elif first != inert(service):
            inside = ""
        else:
            texts.append(_picture(embed, service))
            continue
        # Joined, as markup that is added to would escape the rest.
        texts.append("".join([_picture(embed, service), first, inside, CLOSING]))
    return texts


def _opening(visit: Visit, service: str, members: list[Embed]) -> str:
    """Return the opening of a template, after a placeholder if there is something to miss."""
    missed = next((embed for embed in members if embed.kind in _VISIBLE), None)
    declared = visit.site.config.policy.service(service)
    if missed is None or declared is None or not declared.embed or missed.inside & {"a", "button"}:
        return inert(service)
    if "form" not in missed.inside:
        return written(opening(visit, service, missed.markup, direct=_direct(missed)), visit)
    # A form cannot stand in another one, so the placeholder leads to the settings.
    country = next(
        one["country_name"]
        for one in visit.shown.notice.content["services"]
        if one["id"] == service
    )
    text = visit.shown.say(
        f"placeholder.{declared.embed}", provider=declared.provider, country=country
    )
    return _note(visit, text, service=service) + inert(service)


def _off(visit: Visit, owner: Owner, members: list[Embed]) -> list[str]:
    """Leave out *members* that nobody was asked about, and tell the operator."""
    site = visit.site
    file = site.config.policy_file.name
    provider = place = owner.name
    visible = _VISIBLE[:1]
    if owner.kind == "known":
        label = shelf.labels()[owner.name]
        site.warn_once(f"stored HTML embeds {owner.name}, which {file} does not have")
        provider, place = label.provider or label.name, label.name
        visible = _VISIBLE * bool(label.embed)
    elif owner.kind == "stranger":
        site.warn_once(
            f"stored HTML loads from {owner.name}, which {file} does not have; hint: declare the "
            "service, or name the host in own_hosts if it is the site's own"
        )
    else:
        site.warn_once(
            "stored HTML has something that may load from anywhere, as it cannot be read for "
            "certain, so it stays off; hint: look for addresses with data: and for srcdoc"
        )
    texts = [_picture(embed) for embed in members]
    missed = next((embed for embed in members if embed.kind in visible), None)
    if missed and not missed.inside & {"a", "button"}:
        if provider:
            text = visit.shown.say("placeholder.undeclared", provider=provider)
            note = _note(visit, text, provider=place, direct=_direct(missed))
        else:
            note = _note(visit, visit.shown.say("placeholder.unclear"))
        texts[0] = note + texts[0]
    return texts


def _note(visit: Visit, text: str, **facts: str) -> str:
    notice = visit.shown.notice
    site = visit.site
    return dependable(
        site.app,
        "consent/undeclared.html",
        site.warn_once,
        **addresses(site.config.policy, notice.language),
        **facts,
        text=text,
        say=visit.shown.say,
        notice=notice.content,
    )


def _picture(embed: Embed, service: str | None = None) -> str:
    """Return the text of a picture, as a link to it; it goes when *service* is granted."""
    if embed.kind != "image":
        return ""
    own = next((load.address for load in embed.loads if load.address.startswith("/")), "")
    address = next((load.address for load in embed.loads if read(load.address)[0]), own)
    text = embed.label if embed.label is not None else read(address)[0]
    if not text:
        return ""
    mark = f' data-consent-placeholder="{service}"' if service else ""
    if not address or embed.inside & {"a", "button"}:
        return f"<span{mark}>{escape(text)}</span>"
    # The site does not stand for a link that somebody had as a picture, perhaps in a comment.
    rel = "nofollow noopener"
    return f'<a href="{escape(address)}" rel="{rel}"{mark}>{escape(text)}</a>'


def _direct(embed: Embed) -> str:
    """Return where the content itself can be opened, or nothing."""
    if embed.kind == "script":
        return ""
    return next(filter(None, (secure(load.address) for load in embed.loads)), "")
