"""
Whether visitors get what our routes answer, with all that the site's other code does in between.

Hooks, other extensions, and views of the site with the same address all have their turn.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from consent.gate.csp import Directives, parse, widened
from consent.policy.model import Service
from consent.web.assets import SCRIPT, load
from consent.web.desk.shell import DESK
from consent.web.report.asking import Answer, Told, ask
from consent.web.site import Site
from consent.web.taken import taken

#: Pages that everybody can open, and what has to be in each of them.
_PAGES = {"settings": b"data-consent-form", "receipt": b""}

#: Decisions that we refuse, by what a browser tells with them, and how: one that does not come from
#: the site's own page, and one that says nothing. A hook that wants a token refuses both alike.
_REFUSED: tuple[tuple[Told, int], ...] = (({}, 403), ({"Sec-Fetch-Site": "same-origin"}, 400))

#: Sources by which a policy lets through whatever a service needs, beside a "*" for the host.
_ANYBODY = frozenset({"http:", "https:"})


def unreached(site: Site) -> Iterator[str]:
    """Tell what of our routes does not reach visitors as it left us."""
    prefix = site.config.prefix
    yield from taken(site.app, prefix)
    path = f"{prefix}/static/{SCRIPT}"
    script = ask(site, path)
    if isinstance(script, str) or script.status != 200:
        yield (
            f"GET {path}: found {script}, wanted the script; hint: let requests for endpoints that "
            'begin with "consentry." pass, whoever sends them; an app that is below a path needs'
            " APPLICATION_ROOT"
        )
        return
    if script.body != load(SCRIPT).body:
        yield (
            f"GET {path}: found {len(script.body)} bytes that are not the file as it is shipped, "
            "by whose hash records say what visitors had; hint: let what makes files smaller "
            'leave out "consentry.static"'
        )
    yield from _forms(site)
    yield from _desk(site)
    yield from _policy(site, script)


def _forms(site: Site) -> Iterator[str]:
    for name, mark in _PAGES.items():
        path = f"{site.config.prefix}/{name}"
        shown = ask(site, path)
        if isinstance(shown, str) or shown.status != 200 or mark not in shown.body:
            yield (
                f"GET {path}: found {shown}, wanted our {name}, which everybody may need at any "
                f"time; hint: a view or a hook of the site answers instead, or consent/{name}.html "
                "among its templates"
            )
    path = f"{site.config.prefix}/choice"
    for told, status in _REFUSED:
        refused = ask(site, path, told)
        if isinstance(refused, str) or not _is_our_refusal(refused, status):
            yield (
                f"POST {path}: found {refused}, wanted our own {status}, so nobody can decide "
                "anything; hint: a hook answers instead; beside Flask-WTF and Flask-SeaSurf see "
                "docs/browser.md"
            )
            return


def _desk(site: Site) -> Iterator[str]:
    """Tell if Flask-WTF wants its token at the desk, where everything refused looks the same."""
    app = site.app
    spared = getattr(app.extensions.get("csrf"), "_exempt_blueprints", None)
    is_wanted = all(app.config.get(f"WTF_CSRF_{on}", True) for on in ("ENABLED", "CHECK_DEFAULT"))
    if spared is not None and is_wanted and app.blueprints[DESK] not in spared:
        yield (
            f"CSRFProtect: found {DESK} not to be exempt, so no link opens the auditor's desk; "
            "hint: docs/browser.md"
        )


def _is_our_refusal(answer: Answer, status: int) -> bool:
    try:
        return answer.status == status and "error" in json.loads(answer.body)
    except ValueError:
        return False


def _policy(site: Site, answer: Answer) -> Iterator[str]:
    """Name services that a policy of the site's other code, which is on every answer, keeps out."""
    try:
        policy = parse(answer.headers.get("Content-Security-Policy", ""))
    except ValueError:
        return
    shut = [s.id for s in site.config.policy.services if _keeps_out(policy, s, site)]
    if shut:
        yield (
            f"Content-Security-Policy: found one that is not ours and has nothing for "
            f"{', '.join(shut)}, so browsers refuse it after consent, too; hint: hand it to "
            "CONSENT_CSP; with Flask-Talisman, Talisman(app, content_security_policy=False)"
        )


def _keeps_out(policy: Directives, service: Service, site: Site) -> bool:
    hosts: Sequence[str] = service.hosts
    if any(host.partition("/")[0] == site.config.policy.site for host in hosts):
        return False
    allowed = {source.lower() for sources in policy.values() for source in sources}
    if widened(policy, hosts) == policy or not allowed.isdisjoint(_ANYBODY):
        return False
    return not any(_meet(_name(source), _name(host)) for source in allowed for host in hosts)


def _name(source: str) -> str:
    """Return the host of a *source*, without scheme, port and path."""
    return re.split("[:/]", source.rpartition("//")[2], maxsplit=1)[0]


def _meet(one: str, other: str) -> bool:
    """Tell whether two hosts, each of which may begin with a ``*``, have one in common."""
    return one == other or _is_within(one, other) or _is_within(other, one)


def _is_within(host: str, pattern: str) -> bool:
    return pattern.startswith("*") and host.endswith(pattern[1:])
