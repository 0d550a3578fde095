"""A TOML file that people write."""

from __future__ import annotations

import tomllib
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

from consent.errors import PolicyError, Problem


def load(path: str | Path, wanted: str = "a policy file") -> dict[str, Any]:
    """Return what stands in the TOML file *path*. Raises PolicyError if that cannot be read."""
    text = ""
    try:
        # Editors on Windows put a mark before the text, which TOML does not know.
        text = Path(path).read_bytes().removeprefix(BOM_UTF8).decode()
        return tomllib.loads(text)
    except FileNotFoundError:
        problem = Problem("", "no such file", wanted)
    except (OSError, ValueError, RecursionError) as error:
        from consent.policy.unreadable import explained  # not needed where all is well

        problem = explained(error, text, wanted)
    raise PolicyError(str(path), (problem,))
