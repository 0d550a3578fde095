"""Somebody who hears a page: the screen reader Orca, over Firefox, with keys alone."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Condition, Thread

import psutil

#: Seconds. Only a failing test waits so long.
PATIENCE = 60

#: It says what has the focus and what is told, and begins nothing by itself.
QUIET = {"sayAllOnLoad": False, "pageSummaryOnLoad": False, "enableKeyEcho": False}
PROFILE = {"profile": ["Default", "default"]}
EMPTY = {"pronunciations": {}, "keybindings": {}}
SETTINGS = {"general": {**QUIET, **PROFILE}, **EMPTY, "profiles": {"default": {**PROFILE, **EMPTY}}}

#: A desktop as small as the two need it, over whose bus they speak; then the page.
DESKTOP = """
openbox &
/usr/libexec/at-spi-bus-launcher --launch-immediately &
gsettings set org.gnome.desktop.interface toolkit-accessibility true
orca --debug-file="$0" --replace &
read -r url < "$HOME/url"
exec firefox-esr --no-remote --profile "$HOME/profile" "$url"
"""

#: Firefox as it is when it has been used before.
USED = """
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("termsofuse.bypassNotification", true);
user_pref("intl.accept_languages", "de");
"""

#: Of what has several lines, the first one is enough.
_SAID = re.compile(r"SPEECH OUTPUT: '(.*?)(?:'(?:\{.*\})?)?$")


class Reader:
    """What is heard, and the keys."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.said: list[str] = []  #: all that was said, in order
        self._environment = environment
        self._heard = 0  # how much of it has been waited for
        self._news = Condition()
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        #: Where it tells what it says: a terminal, into which nothing is written late.
        self.terminal = os.ttyname(theirs)
        self._end = theirs
        Thread(target=self._listen, args=(ours,), daemon=True).start()

    def hear(self, begins: str) -> str:
        """Wait until something is said that *begins* so; return it."""
        with self._news:
            while True:
                while self._heard < len(self.said):
                    self._heard += 1
                    if self.said[self._heard - 1].startswith(begins):
                        return self.said[self._heard - 1]
                assert self._news.wait(PATIENCE), f"{begins!r} was never said: {self.said}"

    def press(self, key: str) -> None:
        """Press a key, by its name in X."""
        subprocess.run(["xdotool", "key", key], check=True, env=self._environment)

    def close(self) -> None:
        """Listen no more."""
        os.close(self._end)

    def _listen(self, terminal: int) -> None:
        with suppress(OSError), os.fdopen(terminal, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if match := _SAID.search(line):
                    with self._news:
                        self.said.append(" ".join(match[1].split()))
                        self._news.notify_all()


@contextmanager
def reading(url: str, home: Path, screen: str) -> Iterator[Reader]:
    """Open *url* in Firefox, with Orca beside it; their files are in *home*."""
    for folder in ("run", "profile", ".local/share/orca"):
        (home / folder).mkdir(mode=0o700, parents=True)
    (home / ".local/share/orca/user-settings.conf").write_text(json.dumps(SETTINGS))
    (home / "profile/user.js").write_text(USED)
    os.mkfifo(home / "url")
    environment = {
        **os.environ,
        "DISPLAY": screen,
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "GNOME_ACCESSIBILITY": "1",
        "LANG": "C.UTF-8",
    }
    reader = Reader(environment)
    desktop = subprocess.Popen(
        ["dbus-run-session", "--", "bash", "-c", DESKTOP, reader.terminal],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        reader.hear("Screen reader on.")
        (home / "url").write_text(f"{url}\n")
        yield reader
    finally:
        for process in [*psutil.Process(desktop.pid).children(recursive=True), desktop]:
            process.kill()
        desktop.wait()
        reader.close()
