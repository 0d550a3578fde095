"""What a page shows of stored HTML: nothing loads that may not."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING
from urllib.parse import quote

from consent.gate.embeds import sparing
from consent.gate.markup import HUSH
from consent.gate.whole import MEMORABLE, MEMORY, ended
from consent.web.origin import host_of
from consent.web.visit import Visit

if TYPE_CHECKING:
    from consent.gate.owner import Owner
    from consent.gate.stored import Embed
    from consent.gate.verdict import Verdict

#: What an operator is told of a text that would take along what follows it in the page.
_OPEN = (
    "stored HTML ends in a tag, a comment or a text such as a script, as an excerpt may; {}; hint: "
    "let it end behind a whole element, or shorten its text rather than its HTML"
)


def gate_stored(visit: Visit, html: str) -> str:
    """
    Return *html* with everything held back that may not load, and the rest as it was.

    But for embeds of services that are asked for with less: they are, also once granted. And for
    ends that are missing: without these it would take the next gate along.
    """
    # The parser takes megabytes; many sites have no stored HTML.
    from consent.gate.claimed import claims
    from consent.gate.stored import Embed, asleep, calmed, embeds
    from consent.gate.verdict import groups, judge
    from consent.web.page.standin import stand_in

    site, request = visit.site, visit.request
    whole = _remembered(html) if len(html) <= MEMORABLE else ended(html)
    if whole != html:
        done = "all of it was left out" if whole is None else "an end was added or it was cut there"
        site.warn_once(_OPEN.format(done))
        html = whole or ""
    page = f"{request.scheme}://{host_of(request)}{quote(request.root_path + request.path)}"
    strangers = site.config.policy.unknown == "allow"
    owner = cache(lambda address: site.owners.of(address, page))

    def verdict(embed: Embed) -> Verdict | None:
        return judge(embed, owner, visit.permits, strangers=strangers)

    loads = asleep(html)
    if sleeps := bool(loads and verdict(Embed(0, 0, loads, "hidden", ""))):
        html = calmed(html)
    found = embeds(html, is_far=not site.owners.is_host(page))
    if claimed := claims(html):
        found = tuple(sorted((*found, *claimed), key=attrgetter("start")))

    def gated(start: int, end: int, within: Sequence[Embed]) -> str:
        seen: set[str] = set()
        changed = list(_spared(visit, html, within, owner))
        for group in groups(html, within, verdict):
            # What is held comes after what would be there if it were granted, and stands instead.
            members = tuple(map(inside, group.members))
            texts = stand_in(visit, replace(group, members=members), seen)
            changed += zip(group.members, texts, strict=True)
        return _replaced(html, start, end, changed)

    def inside(embed: Embed) -> Embed:
        """Hold back what is in a held form, too: it may be of somebody else."""
        if embed.kind != "form":
            return embed
        first = bisect_right(found, embed.start, key=attrgetter("start"))
        behind = bisect_left(found, embed.end, key=attrgetter("start"))
        within = gated(embed.start, embed.end, found[first:behind])
        return replace(embed, markup=within)

    made = gated(0, len(html), found)
    is_held = sleeps or (made != html and "<template data-consent=" in made)
    return HUSH + made if is_held and not html.startswith(HUSH) else made


_remembered = lru_cache(MEMORY)(ended)


def _replaced(html: str, start: int, end: int, changed: Iterable[tuple[Embed, str]]) -> str:
    """Return *html* from *start* to *end* with the last of what stands instead of each embed."""
    instead = {(embed.start, -embed.end): text for embed, text in changed}
    pieces, position = [], start
    for begin, behind in sorted(instead):
        if begin >= position:
            pieces += [html[position:begin], instead[begin, behind]]
            position = -behind
    return "".join([*pieces, html[position:end]])


def _spared(
    visit: Visit, html: str, found: Iterable[Embed], owner: Callable[[str], Owner]
) -> Iterator[tuple[Embed, str]]:
    """Give the embeds of *html* that can be asked for with less, and how they are then written."""
    adapters = visit.site.adapters
    for embed in found:
        if embed.kind == "content" and adapters:
            markup = whole = html[embed.start : embed.end]
            for name in {owner(load.address).name for load in embed.loads}:
                markup = sparing(markup, adapters.get(name))
            if markup != whole:
                yield embed, markup
