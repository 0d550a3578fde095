"""Start the demo from the command line."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from threading import Event

from consent.errors import LogError
from consent.web.desk.invite import invite

from .folder import DEFAULT, VARIABLE
from .gallery.view import ROOT
from .serving import Demo, PortError, serve


def main() -> int:
    """Serve until the program is told to stop. Return the exit code."""
    wanted = _arguments()
    stop = Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    try:
        with serve(wanted.port, wanted.data, verbose=wanted.verbose) as demo:
            print(_welcome(demo), flush=True)
            stop.wait()
    except PortError as error:
        print(f"{error}; another one: make demo PORT=8000", file=sys.stderr)
        return 1
    print("Stopped. Decisions and log are kept.")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.association", description=__doc__)
    port = os.environ.get("PORT") or "5000"
    parser.add_argument("--port", type=_port, default=port, help="of the site; +1 is taken too")
    parser.add_argument("--data", type=Path, help="folder for key and database")
    parser.add_argument("--verbose", action="store_true", help="write a line for each request")
    return parser.parse_args()


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) < 65535:
        raise argparse.ArgumentTypeError(f"found {text!r}, wanted a number from 0 to 65534")
    return int(text)


def _auditor(demo: Demo) -> str:
    """Invite somebody to the auditor's desk for a day; return the link or why there is none."""
    site = demo.site.extensions["consentry"]
    try:
        _, link = invite(site, "Gast der Demo", days=1, url=demo.site_url, by="make demo")
    except LogError as error:
        return f"nobody is let in: {error}"
    return link


def _welcome(demo: Demo) -> str:
    folder = Path(demo.site.instance_path)
    usual = folder == DEFAULT.resolve()
    named = "" if usual else f"{VARIABLE}={folder} "
    flask = os.path.relpath(Path(sys.executable).with_name("flask"))
    return f"""
  Site             {demo.site_url}/
  in English       {demo.site_url}/en/
  Gallery          {demo.site_url}{ROOT}/
  Third parties    {demo.standin_url}/counts shows what has reached them
  For an auditor   {_auditor(demo)}
  Key, decisions   {os.path.relpath(folder) if usual else folder}

  Export of the log:
    {named}{flask} --app examples.association consent export --format csv --out consent.csv

  Ctrl+C stops both.
"""


if __name__ == "__main__":
    sys.exit(main())
