"""What ``gated`` costs: HTML that is new, HTML that was seen before, and a hundred embeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from statistics import median

from flask import current_app
from jinja2 import Template

from benchmarks import site, visitor
from benchmarks.clock import added, in_turns, ratio
from benchmarks.figure import Figure, at_most, shown
from benchmarks.run import Run

PARAGRAPH = (
    "<p>Am Samstag treffen wir uns um zehn Uhr. Werkzeug ist vorhanden, festes Schuhwerk bringt "
    "bitte jede und jeder <b>selbst</b> mit. Für Essen &amp; Getränke ist gesorgt. "
    '<a href="https://www.verband.example/termine">Termine</a></p>\n'
)
EMBED = '<iframe src="https://www.youtube.com/embed/%d" title="Film"></iframe>\n'

PAGE = "{{ consent.head() }}{{ consent.banner() }}{{ html | %s }}{{ consent.settings_link() }}"

#: An article as editors write it, in characters, and how much longer the long one is.
ARTICLE, LONG, LONGER = 20_000, 250_000, 4


def measure(run: Run) -> Iterator[Figure]:
    """Give the figures about stored HTML."""
    app = site.make(run.new_folder())
    with app.test_request_context("/"):
        yield from _figures(run)
    yield from _pages(run)


def _figures(run: Run) -> Iterator[Figure]:
    short, long = _fresh(ARTICLE), _fresh(LONG)
    (times,) = in_turns([short], run.sizes.rounds // 3, 1)
    yield shown("gated: 20 kB with 3 embeds, for the first time", median(times) / 1000, "ms")
    once, longer = in_turns([long, _fresh(LONG * LONGER)], 3, 1)
    speed = LONG * LONGER / median(longer)
    yield shown("gated: 1 MB, for the first time", median(longer) / 1000, "ms", f"{speed:.2f} MB/s")
    yield at_most("gated: 1 MB against 250 kB", ratio(longer, once), 5, "x")
    seen, plain = in_turns([_seen(ARTICLE), _plain(ARTICLE)], run.sizes.rounds, run.sizes.calls)
    yield shown("gated: 20 kB with 3 embeds, seen before", added(seen, plain), "us")
    embeds = "".join(EMBED % number for number in range(100))
    (hundred,) = in_turns([lambda: _render(embeds)], run.sizes.rounds, 1)
    yield shown("gated: 100 embeds, seen before", median(hundred), "us")


def _pages(run: Run) -> Iterator[Figure]:
    """Give what a whole page with an article costs that goes through the filter."""
    app, article = site.make(run.new_folder()), _text(ARTICLE)
    for path, shown_as in (("/gated", "gated"), ("/plain", "safe")):
        template = app.jinja_env.from_string(PAGE % shown_as)
        app.add_url_rule(path, path, partial(template.render, html=article))
    for button in ("accept", "reject"):
        cookie = visitor.decided(app, button)
        views = [visitor.view(app, path, cookie) for path in ("/gated", "/plain")]
        ours, plain = in_turns(views, run.sizes.rounds, run.sizes.calls)
        note = f"+{added(ours, plain):.0f} us on {median(plain):.0f}"
        yield shown(f"page with such an article ({button}ed)", ratio(ours, plain), "x", note)


def _text(length: int) -> str:
    piece = PARAGRAPH * 20 + EMBED % 1
    return (piece * (length // len(piece) + 1))[:length].rpartition("<p>")[0]


def _render(html: str) -> str:
    return _template("gated").render(html=html)


@cache
def _template(shown_as: str) -> Template:
    """Return what shows a text; the app of the moment is the only one here."""
    return current_app.jinja_env.from_string(f"{{{{ html | {shown_as} }}}}")


def _fresh(length: int) -> Callable[[], str]:
    """Return a call that gates a text which nobody has seen yet, each time another one."""
    text, number = _text(length), iter(range(1_000_000))
    return lambda: _render(f"<p>{next(number)} {length}</p>{text}")


def _seen(length: int) -> Callable[[], str]:
    text = _text(length)
    return lambda: _render(text)


def _plain(length: int) -> Callable[[], str]:
    text = _text(length)
    return lambda: _template("safe").render(html=text)
