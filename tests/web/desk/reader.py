"""An auditor whom the site's own login lets in, with a browser without JavaScript."""

from __future__ import annotations

from typing import Any

from flask import Flask

from consent.audit.sample import spelled, states
from tests.conftest import Visitor

BASE = "https://kreisverband.example"


class Reader:
    """Somebody at the desk of *app*, where some visitors decided and all is sealed."""

    def __init__(self, app: Flask, decisions: int = 0) -> None:
        self.app = app
        for number in range(decisions):
            Visitor(app).decide("accept" if number % 2 else "reject")
        self.site = app.extensions["consentry"]
        self.client = app.test_client()
        self.post("/enter")
        if decisions:
            self.site.sealer.seal()

    def get(self, path: str, **fields: Any):
        """Open a page of the desk."""
        return self.client.get(
            f"/consent/audit{path}", query_string=fields, base_url=BASE, buffered=True
        )

    def post(self, path: str, **fields: Any):
        """Send a form of the desk."""
        return self.client.post(
            f"/consent/audit{path}",
            data=fields,
            base_url=BASE,
            headers={"Sec-Fetch-Site": "same-origin"},
            buffered=True,
        )

    def state(self) -> str:
        """Return the state of the log just now."""
        with self.site.store.snapshot() as now:
            return spelled(self.site.store.site, states(now))
