"""Auditors who are invited to the desk, look at everything there, and are sent away."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path

from flask.testing import FlaskClient

from tests.evidence.auditing import Audited
from tests.evidence.clock import Clock
from tests.evidence.visitors import SITE

HOST = "https://kreisverband.example"
OWN = {"Sec-Fetch-Site": "same-origin"}
DESK = "/consent/audit"

#: What somebody looks at who looks at everything.
PAGES = ("overview", "find", "access", "notices", "exports", "exports?format=csv", "sample")


@dataclass
class Guest:
    """Somebody who was invited."""

    id: str
    link: str
    browser: FlaskClient | None = None
    is_revoked: bool = False


class World(Audited):
    """A site with all who have to do with its log."""

    def __init__(self, folder: Path, clock: Clock, database: str | None = None) -> None:
        super().__init__(folder, clock, database)
        self.guests: list[Guest] = []

    def invite(self) -> None:
        done = self.command("auditor", "invite", "Dr. Anna Muster", "--site", SITE)
        self.look("access")
        id = re.search(r"auditor revoke (\S+)", done.output)[1]
        self.guests.append(Guest(id, done.stdout.split("\n")[-2].partition(SITE)[2]))

    def enter(self, number: int) -> None:
        """Open the link, look at all pages, and take everything along."""
        if not self.guests:
            return
        guest = self.guests[number % len(self.guests)]
        guest.browser, before = self.site.app.test_client(), guest.browser
        if before:
            guest.browser._cookies = before._cookies
        assert guest.browser.get(guest.link, base_url=HOST).status_code in (200, 404)
        self.look()
        guest.browser.post(guest.link, base_url=HOST, headers=OWN)
        is_in = self._home(guest)
        assert not (is_in and guest.is_revoked)
        if is_in:
            self._read_all(guest.browser)
            there = {event["body"] for event in self.state.events.values()}
            answer = guest.browser.post(
                f"{DESK}/exports/file",
                data={"format": "jsonl"},
                base_url=HOST,
                headers=OWN,
                buffered=True,  # taken to the end, as a server does
            )
            assert set(answer.data.split(b"\n")[:-1]) == there
            self.look("export")
        self._note()

    def _read_all(self, browser: FlaskClient) -> None:
        """Open all pages, those of the newest records, and those of the places of erased ones."""
        newest = [event["id"] for event in self.state.events.values()][-3:]
        gone = [place for place, id in self.site.rows().leaves.items() if id is None][-2:]
        pages = [
            *PAGES,
            *(f"record/{id}{more}" for id in newest for more in ("", "/proof.json")),
            *(f"find?before={id}" for id in newest),
            *(f"place/{log}/{index}" for log, index in gone),
        ]
        for page in pages:
            answer = browser.get(f"{DESK}/{page}", base_url=HOST)
            assert answer.status_code == 200, page
        for path, _ in self.downloads[-2:]:
            form = {"file": (io.BytesIO(path.read_bytes()), path.name)}
            answer = browser.post(f"{DESK}/find", data=form, base_url=HOST, headers=OWN)
            assert answer.status_code == 200
        self._note()

    def revoke(self, number: int) -> None:
        """Send somebody away; at once it is as if there were no desk."""
        if not self.guests:
            return
        guest = self.guests[number % len(self.guests)]
        done = self.command("auditor", "revoke", guest.id, code=None)
        # A backup may be from before the invitation.
        assert done.exit_code == 0 or "no invitation has the id" in done.output
        guest.is_revoked = True
        self._note()
        assert not self._home(guest)
        self.command("auditor", "list")
        self.look()

    def _home(self, guest: Guest) -> bool:
        """Tell whether somebody is let in."""
        if guest.browser is None:
            return False
        guest.browser.application = self.site.app
        answer = guest.browser.get(f"{DESK}/", base_url=HOST, follow_redirects=True)
        assert answer.status_code in (200, 404)
        return answer.status_code == 200

    def _note(self) -> None:
        """Take in what was put on record about those who looked."""
        self.look(*["access"] * self._fresh("access"))
