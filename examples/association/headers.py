"""A strict Content-Security-Policy: own origin and stand-in, inline script by nonce only."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g


def nonce() -> str:
    """Return the nonce of this request."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return g.nonce


def init_app(app: Flask) -> None:
    """Put the headers on the answers of *app*, the policy on its pages."""
    app.jinja_env.globals["nonce"] = nonce
    standin = app.config["STANDIN_ORIGIN"]

    @app.after_request
    def protect(response: Response) -> Response:
        inline = f" 'nonce-{g.nonce}'" if "nonce" in g else ""
        if response.mimetype == "text/html":  # a policy is about what a page loads
            response.headers.setdefault(
                "Content-Security-Policy",
                "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self';"
                f" frame-ancestors 'self'; script-src 'self'{inline} {standin};"
                f" img-src 'self' {standin}; connect-src 'self' {standin};"
                f" frame-src 'self' {standin}",
            )
        response.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response
