"""Take the pictures, from the command line."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from examples.association.serving import serve

from . import sheet
from .camera import chromium, take
from .selection import SHOWN, everything
from .view import choices


def main() -> int:
    """Take the pictures and say where they are. Return the exit code."""
    wanted = _arguments()
    folder = wanted.out
    folder.mkdir(parents=True, exist_ok=True)
    if wanted.all:
        pictures = list(everything(vars(wanted)))
        files = [(picture, folder / picture.name) for picture in pictures]
    else:
        files = [(picture, folder / f"{name}.png") for name, picture in SHOWN.items()]
    with tempfile.TemporaryDirectory() as data, serve(data=data) as demo, chromium() as browser:
        take(browser, demo.site_url, files)
    sheets = sheet.write(folder, pictures) if wanted.all else [folder]
    print(f"{len(files)} pictures:", *sheets)
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
