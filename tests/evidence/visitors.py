"""Visitors of a site that its operator starts anew, with other policies, keys and processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import Flask

from tests.conftest import KEY, Visitor
from tests.evidence.clock import Clock
from tests.evidence.site import Operated
from tests.evidence.state import Event, Ledger

SITE = "kreisverband-musterland.example"

POLICY = f"""
site = "{SITE}"
controller = {{ name = "Kreisverband Musterland", email = "dsb@kreisverband.example" }}
links = {{ privacy = "/datenschutz", imprint = "/impressum" }}
languages = {{languages}}
lifetime = {{lifetime}}
retention = "{{retention}}"
{{services}}
"""

MATOMO = 'host = "statistik.kreisverband.example"'


def policy(
    services: tuple[str, ...] = ("matomo", "youtube"),
    languages: tuple[str, ...] = ("de", "en"),
    lifetime: int = 180,
    retention: str = "3 years",
) -> str:
    """Return a policy file."""
    tables = [f"[services.{one}]\n{MATOMO if one == 'matomo' else ''}" for one in services]
    return (
        POLICY.replace("{languages}", json.dumps(languages))
        .replace("{lifetime}", str(lifetime))
        .replace("{retention}", retention)
        .replace("{services}", "\n".join(tables))
    )


class Visited(Ledger):
    """A site with visitors."""

    def __init__(self, folder: Path, clock: Clock, database: str | None = None) -> None:
        self.folder, self.clock = folder, clock
        self.declared: dict[str, Any] = {}
        super().__init__(Operated(folder, policy(), database))
        self.visitors = [Visitor(self.site.app) for _ in range(3)]
        self.numbers: set[str] = set()  #: receipts
        self.downloads: list[tuple[Path, dict[str, Any]]] = []

    def visitor(self, who: int, app: Flask | None = None) -> Visitor:
        """Return a visitor, whose browser is at *app*, the newest process unless it is given."""
        found = self.visitors[who % len(self.visitors)]
        again = Visitor(app or self.site.app)
        again.client._cookies = found.client._cookies
        return again

    def newcomer(self, who: int) -> None:
        self.visitors[who % len(self.visitors)] = Visitor(self.site.app)

    def decide(
        self, who: int, decision: str, services: tuple[str, ...], layer: str = "banner", old=False
    ) -> None:
        """Press a button, perhaps at the oldest process; what is acknowledged is on record."""
        visitor = self.visitor(who, self.site.apps[0] if old else None)
        form = {"layer": layer, **self._ticked(visitor, decision, services)}
        answer = visitor.decide(decision, json=True, **form)
        assert answer.status_code == 200
        self._acknowledged(decision, answer.json)

    def decide_when_full(self, who: int, decision: str, size: int) -> None:
        """Press a button while no file may grow beyond *size* bytes."""
        visitor = self.visitor(who)
        ticked = {**self._ticked(visitor, decision, ("youtube",)), "notice": visitor.notice()}
        held = visitor.cookie()
        with self.site.full_disk(size):
            answer = visitor.decide(decision, json=True, **ticked)
        if answer.status_code == 503:
            self.look()
        elif self.site.rows().events.keys() > self.state.events.keys():
            self._acknowledged(decision, answer.json)
        else:
            # What takes nothing new needs no record, and lasts no longer by what is not on it.
            assert answer.status_code == 200
            if answer.json["granted"]:
                assert visitor.cookie().split(".")[2] == held.split(".")[2]
            self.look()

    def _ticked(self, visitor: Visitor, decision: str, services: tuple[str, ...]) -> dict[str, Any]:
        offered = visitor.app.extensions["consentry"].config.policy.services
        there = [one.id for one in offered if one.id in services] or [offered[0].id]
        if decision in ("allow", "once"):
            return {"service": there[:1], "layer": "placeholder"}
        return {"service": there if decision == "save" else []}

    def _acknowledged(self, decision: str, told: dict[str, Any]) -> None:
        if told["kind"] == "none":
            self.look()
            return
        self.look(told["kind"])
        event = self.newest()
        assert (event["kind"], event["control"]) == (told["kind"], decision)
        assert event["receipt"] == told["receipt"]
        if event["receipt"]:
            self.numbers.add(event["receipt"])

    def newest(self) -> Event:
        """Return the event that was recorded last."""
        return list(self.state.events.values())[-1]

    def download(self, who: int) -> None:
        """Download a receipt, and keep it."""
        answer = self.visitor(who).get("/consent/receipt?format=json")
        self.look()
        held = answer.json
        there = [
            e
            for e in self.state.events.values()
            if e.get("receipt") and e["receipt"] == held["receipt"]
        ]
        bodies = {record["event"].encode() for record in held["records"]}
        assert bodies == {event["body"] for event in there}
        if bodies:
            path = self.folder / f"receipt-{len(self.downloads)}.json"
            path.write_bytes(answer.data)
            self.downloads.append((path, held))

    def restart(self, **declared: Any) -> None:
        """End all processes, and start one with perhaps another policy."""
        self._declare(declared)
        self.site.restart()
        self.look()

    def newer(self, **declared: Any) -> None:
        """Start another process, with a newer policy, beside those that run."""
        self._declare(declared)
        self.site.start()
        self.look()

    def new_secret(self, keep: bool) -> None:
        """Change SECRET_KEY, and *keep* the old ones."""
        old = [
            *self.site.config.get("SECRET_KEY_FALLBACKS", []),
            self.site.config.get("SECRET_KEY", KEY),
        ]
        secret = f"a secret key of the number {len(old)}, at {self.clock.ms}"
        self.site.restart(SECRET_KEY=secret, SECRET_KEY_FALLBACKS=old if keep else [])
        self.look()

    def _declare(self, declared: dict[str, Any]) -> None:
        self.declared |= declared
        self.site.policy.write_text(policy(**self.declared), encoding="utf-8")
