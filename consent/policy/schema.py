"""
The policy file as JSON Schema (draft 2020-12), for editors that check while one types.

It says the same as the reader about every key and every value. What only the whole file
tells, such as whether a purpose exists or a safeguard is missing, only the reader knows.
``consent.schema.json`` holds the text that this module makes; after a change write it anew:

    python -c "from consent.policy import schema; schema.FILE.write_text(schema.text(), 'utf-8')"
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from consent.policy.document import document

FILE = Path(__file__).with_name("consent.schema.json")


def build() -> dict[str, Any]:
    """Return the schema."""
    definitions: dict[str, Any] = {}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "consent.toml",
        "description": "What a site declares: controller, purposes and optional services.",
        **document().schema(definitions),
        "$defs": dict(sorted(definitions.items())),
    }


def text() -> str:
    """Return the schema as it stands in the file."""
    return json.dumps(build(), ensure_ascii=False, indent=2) + "\n"
