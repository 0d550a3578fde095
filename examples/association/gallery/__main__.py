"""Take the pictures, from the command line."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from consent.check.browser import chromium
from examples.association.serving import serve

from . import sheet
from .camera import reduce, take
from .selection import SHOWN, everything
from .view import choices


def main() -> int:
    """Take the pictures; name the sheets that show many. Return the exit code."""
    wanted = _arguments()
    pictures = list(everything(vars(wanted))) if wanted.all else list(SHOWN.values())
    names = [picture.name for picture in pictures] if wanted.all else [f"{n}.png" for n in SHOWN]
    files = [wanted.out / name for name in names]
    wanted.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, serve(data=data) as demo, chromium() as browser:
        take(browser, demo.site_url, zip(pictures, files, strict=True))
    if wanted.all:
        print(*sheet.write(wanted.out, pictures), sep="\n")
    else:
        for file in files:
            reduce(file)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.association.gallery")
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--all", action="store_true", help="everything, not only those of the docs")
    for field, names in choices().items():
        first = "banner" if field == "layer" else ""
        parser.add_argument(f"--{field}", choices=names, default=first, help="of all")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
