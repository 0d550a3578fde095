"""What a page shows of stored HTML: nothing loads that may not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
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
    from consent.gate.stored import Embed, asleep, embeds
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

    found = embeds(html, is_far=not site.owners.is_host(page))
    changed = list(_spared(visit, html, found, owner))
    seen: set[str] = set()
    for group in groups(html, found, verdict):
        changed += zip(group.members, stand_in(visit, group, seen), strict=True)
    # What is held comes after what would be there if it were granted, and stands instead of it.
    instead = {(embed.start, -embed.end): text for embed, text in changed}
    pieces, position = [], 0
    for start, end in sorted(instead):
        if start >= position:
            pieces += [html[position:start], instead[start, end]]
            position = -end
    made = "".join([*pieces, html[position:]])
    is_held = made != html and "<template data-consent=" in made
    if not is_held and (loads := asleep(html)):
        is_held = verdict(Embed(0, 0, loads, "hidden", "")) is not None
    return HUSH + made if is_held and not html.startswith(HUSH) else made


_remembered = lru_cache(MEMORY)(ended)


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
