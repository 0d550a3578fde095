"""The overview as one file, for a mail or an archive: it needs no server and no other file."""

from __future__ import annotations

from markupsafe import Markup

from consent.audit.period import Period
from consent.day import now_ms
from consent.web.assets import load
from consent.web.desk.overview import STYLE as OVERVIEW
from consent.web.desk.overview import shown
from consent.web.desk.shell import STYLE, page_context
from consent.web.site import Site
from consent.web.templates import ours


def report(site: Site, period: Period, language: str) -> str:
    """
    Return the file about *period* in *language*.

    Raises LogUnavailable when the database cannot be read now.
    """
    with site.imagine_request(f"/?lang={language}"):
        template = ours(site.app, "consentry/audit/overview/report.html")
        styles = [load(name).body.decode() for name in (STYLE, OVERVIEW)]
        return template.render(
            page_context(),
            **shown(site, period),
            # The house's templates hold no style of their own, so that a policy may forbid it.
            styles=Markup("<style>{}</style>").format(Markup("\n".join(styles))),
            made_at=now_ms(),
        )
