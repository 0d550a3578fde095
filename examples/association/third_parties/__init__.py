"""
The second origin: a statistics collector, a video page and a map, all of them stand-ins.

Every request is counted, whatever it asks for, except those for the counts themselves.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, abort, jsonify, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from .arrivals import Arrivals

HERE = Path(__file__).parent

#: A picture of one transparent pixel.
PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


def create_app() -> Flask:
    """Return the third parties, with nothing counted yet."""
    app = Flask(__name__, static_url_path="/counts/static")
    arrivals = app.extensions["arrivals"] = Arrivals()
    _count(app, arrivals)
    _play(app)
    _show(app, arrivals)
    return app


def _count(app: Flask, arrivals: Arrivals) -> None:
    @app.before_request
    def count() -> None:
        if request.path.partition("/")[2].partition("/")[0] not in ("counts", "counts.json"):
            page = request.args.get("url") or request.headers.get("Referer")
            arrivals.add(request.method, request.path, page)

    @app.after_request
    def not_from_a_cache(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        return response


def _play(app: Flask) -> None:
    @app.get("/matomo.js")
    def script() -> Response:
        return Response(
            (HERE / "matomo.js").read_text(encoding="utf-8"), mimetype="text/javascript"
        )

    @app.route("/matomo.php", methods=["GET", "POST"])
    def hit() -> Response:
        return Response(PIXEL, mimetype="image/gif")

    @app.get("/youtube/embed/<video>")
    @app.get("/youtube/watch", defaults={"video": ""})
    def video(video: str) -> str:
        scene = (HERE.parent / "static/pictures/winter.svg").read_text(encoding="utf-8")
        return render_template("video.html", video=video, scene=Markup(scene))

    @app.get("/osm/export/embed.html")
    @app.get("/osm/")
    def map_() -> str:
        town = (HERE / "pictures/town.svg").read_text(encoding="utf-8")
        return render_template("map.html", town=Markup(town))


def _show(app: Flask, arrivals: Arrivals) -> None:
    @app.get("/counts")
    def counts() -> str:
        return render_template("counts.html", auto="auto" in request.args, **arrivals.summary())

    @app.get("/counts.json")
    def as_json() -> Response:
        return jsonify(arrivals.summary())

    @app.post("/counts/reset")
    def reset() -> Answer:
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            abort(403)
        arrivals.reset()
        return redirect("/counts", 303)
