"""The site that is measured, with consentry and without, and its page of about 5 kB."""

from __future__ import annotations

import time
from pathlib import Path

from flask import Flask, render_template
from jinja2 import DictLoader

from consent import Consent
from consent.web.assets import FORGET, ROOT, Asset
from consent.web.site import Site

POLICY = """
site = "kreisverband-musterland.example"
controller = { name = "Kreisverband Musterland e. V.", email = "dsb@kreisverband.example" }
links = { privacy = "/datenschutz", imprint = "/impressum" }

[services.matomo]
host = "statistik.kreisverband-musterland.example"

[services.youtube]
"""

KEY = "3f0c1d5a9b7e48c2a6d4f1b8e0927c5d"

ANALYTICS = '<script src="/analytics.js" async></script>'
EMBED = '<iframe src="/embed" title="Film" width="560" height="315"></iframe>'

#: The same where films really are, so that its placeholder leads there.
FILM = EMBED.replace("/embed", "https://www.youtube.com/embed/x")

#: A frame that asks nobody for anything.
FRAME = '<iframe srcdoc="Film" title="Film" width="560" height="315"></iframe>'

#: Of a file that is not kept, as by a site that is measured without a page.
VERSION = Asset(FORGET, "text/javascript", (ROOT / "static" / FORGET).read_bytes()).version

#: What a page has of somebody who refused, where a service stores something in each way.
SWEEP = (
    f"""<script type="module" src="/consent/static/{FORGET}?v={VERSION}" """
    """data-consent-leftovers='[["local-storage","_x*"],["session-storage","_x*"],"""
    """["indexed-db","_x*"],["cache-storage","_x*"],["service-worker","/x.js"]]'></script>"""
)

#: Milliseconds that the server takes for each of three scripts: the first comes last.
DELAYS = (300, 100, 0)

LATE = [f'<script src="/late.js?after={delay}"></script>' for delay in DELAYS]


def _asking(embed: str) -> tuple[str, ...]:
    return (
        "{{ consent.head() }}",
        "{{ consent.banner() }}",
        f'{{% gate "matomo" %}}{ANALYTICS}{{% endgate %}}',
        f'{{% gate "youtube" %}}{embed}{{% endgate %}}',
        "{{ consent.settings_link() }}",
    )


#: What differs between the pages: head, banner, analytics, embed, link.
PARTS = {
    "without.html": ("", "", ANALYTICS, EMBED, ""),
    "bare.html": ("", "", "", "", ""),
    "with.html": _asking(EMBED),
    "film.html": _asking(FILM),
    **{
        name: (
            "{{ consent.head() }}",
            "{{ consent.banner() }}",
            f'{{% gate "matomo" %}}{"".join(scripts)}<script>'
            f"if (late === {len(scripts)}) window.started = performance.now()</script>"
            "{% endgate %}",
            "",
            "",
        )
        for name, scripts in {"ordered.html": LATE, "slowest.html": LATE[:1]}.items()
    },
    "hundred.html": (
        "{{ consent.head() }}",
        "{{ consent.banner() }}",
        "",
        f'{{% gate "youtube" %}}{FRAME}{{% endgate %}}' * 100,
        "",
    ),
    "swept.html": ("{{ consent.head() }}" + SWEEP, "{{ consent.banner() }}", "", "", ""),
}

LAYOUT = """<!doctype html>
<html lang="de">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }} – Kreisverband Musterland</title>
<link rel="stylesheet" href="/site.css">
%s
</head>
<body>
%s
<header><p><a href="/">Kreisverband Musterland</a></p>
<nav aria-label="Hauptmenü"><ul>
{%% for name in menu %%}<li><a href="/{{ name | lower }}">{{ name }}</a></li>
{%% endfor %%}</ul></nav></header>
<main><h1>{{ title }}</h1>
%s
{%% for day, heading, text in news %%}<article>
<h2><a href="/aktuelles/{{ loop.index }}">{{ heading }}</a></h2>
<p><time datetime="{{ day }}">{{ day }}</time></p>
<p>{{ text }}</p>
</article>
{%% endfor %%}
%s
</main>
<footer><p>Kreisverband Musterland e. V. · Am Anger 4 · 99999 Musterstadt</p>
<p><a href="/impressum">Impressum</a> <a href="/datenschutz">Datenschutz</a> %s</p></footer>
</body>
</html>
"""

MENU = "Aktuelles Verein Obstgärten Termine Mitmachen Spenden Presse Kontakt".split()

NEWS = [
    (
        f"2026-10-{day:02}",
        f"{heading} im {place}",
        f"Am Samstag treffen wir uns um zehn Uhr im {place}. {heading} ist für alle gedacht, die "
        "gern draußen sind; Vorkenntnisse braucht niemand. Werkzeug ist vorhanden, festes "
        "Schuhwerk bringt bitte jede und jeder selbst mit. Für Essen und Getränke ist gesorgt, und "
        "wer mag, bleibt danach zum Kaffee. Um eine kurze Anmeldung wird gebeten.",
    )
    for day, heading, place in (
        (3, "Obstbaumschnitt", "Lehrgarten"),
        (10, "Apfelfest", "Gemeindehaus"),
        (17, "Pflanzaktion", "Musterwald"),
        (24, "Sensenkurs", "Talgrund"),
        (31, "Herbstwanderung", "Hügelland"),
        (7, "Mitgliederversammlung", "Bürgersaal"),
        (14, "Vogelzählung", "Stadtpark"),
    )
]

STYLE = """body { font: 1rem/1.5 sans-serif; margin: 0 auto; max-width: 50rem; padding: 1rem }
nav ul { display: flex; flex-wrap: wrap; gap: 1rem; list-style: none; padding: 0 }
"""

_made: list[Site] = []


def make(folder: Path, database: str | None = None, *, gates: int = 2, **config: object) -> Flask:
    """
    Make the site with consentry; its files are in *folder*.

    *gates* is how many the page ``/`` has, half of them round analytics, half round embeds.
    Without a *database* the log is an SQLite file in *folder*; *config* is further configuration.
    """
    app = _app(folder)
    policy = folder / "consent.toml"
    policy.write_text(POLICY, encoding="utf-8")
    app.config.update(
        CONSENT_POLICY=str(policy),
        CONSENT_DATABASE=database or f"sqlite:///{folder}/consent.sqlite3",
        **config,
    )
    Consent(app)
    _made.append(app.extensions["consentry"])
    _page(app, "/", "with.html", gates)
    return app


def leave() -> None:
    """Let all sites finish what they seal and count, as their databases are about to go."""
    for site in _made:
        while site._watch.is_busy:  # noqa: SLF001 - no other site has to wait for it
            time.sleep(0.1)
        site.store.close()
    _made.clear()


def make_without(folder: Path, *, gates: int = 2) -> Flask:
    """Make the same site without consentry, its optional services open to everybody."""
    app = _app(folder)
    _page(app, "/", "without.html", gates)
    return app


def _app(folder: Path) -> Flask:
    app = Flask("site", instance_path=str(folder / "instance"), root_path=str(folder))
    # Both sites have one, as a site with a form or a login has; Flask opens a session with it.
    app.config["SECRET_KEY"] = KEY
    app.jinja_loader = DictLoader({})
    return app


def add_page(app: Flask, path: str, name: str) -> None:
    """Give *app* one of the pages named in PARTS."""
    _page(app, path, name, 2)


def _page(app: Flask, path: str, name: str, gates: int) -> None:
    head, banner, analytics, embed, link = PARTS[name]
    times = gates // 2
    loader = app.jinja_loader
    assert isinstance(loader, DictLoader)
    loader.mapping = {
        **loader.mapping,
        name: LAYOUT % (head, banner, embed * times, analytics * times, link),
    }

    def page() -> str:
        return render_template(name, title="Aktuelles", menu=MENU, news=NEWS)

    app.add_url_rule(path, name, page)
