"""The folder that keeps the site's own key and database; made on the first start."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

#: Names another folder, for example for ``flask --app examples.association consent ...``.
VARIABLE = "ASSOCIATION_DATA"

DEFAULT = Path(__file__).parent / "instance"


def data_folder(named: str | Path | None = None) -> Path:
    """Return the folder, made if need be: the named one, the variable's, or the default."""
    folder = Path(named or os.environ.get(VARIABLE) or DEFAULT).resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def secret_key(folder: Path) -> str:
    """Return the folder's key; made once, readable by its owner only."""
    file = folder / "secret-key"
    try:
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    with os.fdopen(made, "w", encoding="ascii") as out:
        out.write(secrets.token_hex(32) + "\n")
    return secret_key(folder)
