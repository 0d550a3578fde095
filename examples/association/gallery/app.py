"""The gallery: a page with a form and windows, and behind each window the site of a variation."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

from flask import Flask, Response, abort, jsonify, render_template, request, url_for

from . import variation
from .view import LANGUAGES, PLACEMENTS, THEMES, View, choices, chosen, views

#: Everything comes from here, and only the gallery itself may frame it.
CSP = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"

REFUSAL = "In der Galerie wird nichts entschieden und nichts gespeichert."


def create_app(folder: Path) -> Flask:
    """Return the gallery; files of the variations go into *folder*."""
    app = Flask(__name__)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    site = cache(partial(variation.create_app, folder))

    @app.get("/")
    def index() -> str:
        selection = chosen(request.args)
        shown = list(views(selection))
        return render_template("index.html", choices=choices(), selection=selection, views=shown)

    @app.route("/<language>/<placement>/<theme>/", methods=["GET"], defaults={"page": ""})
    @app.route("/<language>/<placement>/<theme>/<path:page>", methods=["GET", "POST"])
    def window(language: str, placement: str, theme: str, page: str) -> Response:
        if language not in LANGUAGES or placement not in PLACEMENTS or theme not in THEMES:
            abort(404)
        if request.method == "POST":
            return _refuse()
        mount = View(language, placement, theme).mount
        return _themed(_visit(site(placement, LANGUAGES[language][1]), mount, page), theme)

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CSP
        return response

    return app


def _refuse() -> Response:
    """Answer a decision: as a script expects it, or in plain words."""
    if "application/json" in request.headers.get("Accept", ""):
        response = jsonify(error=REFUSAL)
    else:
        response = Response(REFUSAL, mimetype="text/plain")
    response.status_code = 403
    return response


def _visit(site: Flask, mount: str, page: str) -> Response:
    """
    Return the answer of *site* to this request.

    It sees none of the visitor's cookies, which are the demo's, but those of somebody who has
    decided as the address says, perhaps with a browser that sends a signal.
    """
    after = request.args.get("after")
    cookies = variation.cookies_after(after, site) if after in ("accept", "reject") else ""
    here = {"SCRIPT_NAME": mount, "PATH_INFO": f"/{page}", "HTTP_COOKIE": cookies}
    here |= {"HTTP_SEC_GPC": "1"} if "signal" in request.args else {}
    return Response.from_app(site, {**request.environ, **here}, buffered=True)


def _themed(response: Response, theme: str) -> Response:
    """Put the style sheet of the theme into a page, the package's own pages included."""
    if response.mimetype == "text/html":
        address = url_for("static", filename=f"themes/{theme}.css")
        link = f'<link rel="stylesheet" href="{address}">\n</head>'
        response.set_data(response.get_data(as_text=True).replace("</head>", link, 1))
    return response
