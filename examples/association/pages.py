"""The pages of the site."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from . import contact, content

pages = Blueprint("pages", __name__)


@pages.get("/")
def home() -> str:
    """News, events, and what the association is."""
    return render_template(
        "home.html",
        articles=content.articles(),
        events=content.listing("events")[:3],
        clubs=content.listing("clubs"),
    )


@pages.get("/en/")
def english() -> str:
    """The start page in English."""
    return render_template(
        "english.html", clubs=content.listing("clubs"), events=content.listing("events")[:3]
    )


@pages.get("/aktuelles/")
def news() -> str:
    """All articles."""
    return render_template("news.html", articles=content.articles())


@pages.get("/aktuelles/<slug>")
def article(slug: str) -> str:
    """One article, its body as the CMS stored it."""
    found = content.article(slug) or abort(404)
    others = [one for one in content.articles() if one is not found][:2]
    return render_template("article.html", article=found, others=others)


@pages.get("/termine")
def events() -> str:
    """All events, and a map of the garden."""
    return render_template("events.html", events=content.listing("events"))


@pages.get("/mitglieder")
def members() -> str:
    """The member clubs by region, and the board."""
    clubs = content.listing("clubs")
    regions = list(dict.fromkeys(club["region"] for club in clubs))
    return render_template(
        "members.html", clubs=clubs, regions=regions, board=content.listing("board")
    )


@pages.get("/kontakt")
def write() -> str:
    """The empty contact form."""
    return _form({"topic": request.args.get("thema", "")}, {})


@pages.post("/kontakt")
def send() -> Response | tuple[str, int]:
    """Check the message and thank for it. It is neither stored nor sent: this is a demo."""
    if contact.foreign(request):
        abort(403)
    typed = contact.read(request.form)
    wrong = contact.mistakes(typed)
    if wrong:
        return _form(typed, wrong), 422
    return redirect(url_for("pages.thanks"), 303)


@pages.get("/kontakt/danke")
def thanks() -> str:
    """Thanks for a message."""
    return render_template("thanks.html")


@pages.get("/datenschutz")
def privacy() -> str:
    """The privacy page with the generated cookie table."""
    return render_template("privacy.html")


@pages.get("/impressum")
def imprint() -> str:
    """Who runs the site."""
    return render_template("imprint.html")


@pages.get("/gezaehlt")
def counted() -> str:
    """What this demo counts at the third parties, and where to see it."""
    return render_template("counted.html")


@pages.get("/favicon.ico")
def icon() -> Response:
    """The sign, for pages that name no icon."""
    return current_app.send_static_file("pictures/sign.svg")


def _form(typed: Mapping[str, str], wrong: Mapping[str, str]) -> str:
    return render_template("contact.html", typed=typed, wrong=wrong, topics=contact.TOPICS)
