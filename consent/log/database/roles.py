"""
Roles of a PostgreSQL database that hold apart who may do what with the log.

- *app*: the site. Adds records and reads; nobody can have it change or delete one.
- *sealer*: gives records their places, and makes the trees.
- *auditor*: reads, with whatever program.
- *owner*: makes and migrates the tables, and erases. VACUUM, which removes what was deleted, asks
  for the owner up to PostgreSQL 16.

What is no evidence, as who is invited and what browsers reported, is the site's to change.
"""

from __future__ import annotations

from sqlalchemy import Table

from consent.log.database import tables

APP, SEALER, AUDITOR, OWNER = "app", "sealer", "auditor", "owner"

_READ, _ADD, _CHANGE, _REMOVE = "SELECT", "INSERT", "UPDATE", "DELETE"

#: What each may do besides reading. The owner may do anything.
RIGHTS: dict[str, dict[Table, tuple[str, ...]]] = {
    APP: {
        tables.event: (_ADD,),
        tables.document: (_ADD,),
        tables.act: (_ADD,),
        tables.pending: (_ADD,),
        tables.leak: (_ADD, _CHANGE, _REMOVE),
        tables.auditor: (_ADD, _CHANGE),
        tables.audit_session: (_ADD, _CHANGE, _REMOVE),
        tables.daily: (_ADD, _CHANGE),
        tables.counted: (_ADD, _CHANGE),
        tables.shot: (_ADD, _CHANGE),
    },
    SEALER: {
        # What the log says about itself is in it as well.
        tables.event: (_ADD,),
        tables.act: (_ADD,),
        tables.pending: (_REMOVE,),
        tables.leaf: (_ADD,),
        tables.tile: (_ADD, _CHANGE),
        tables.head: (_ADD, _CHANGE),
        tables.checkpoint: (_ADD, _CHANGE),
        tables.daily: (_ADD, _CHANGE),
        tables.counted: (_ADD, _CHANGE),
    },
    AUDITOR: {},
}


def statements(prefix: str) -> str:
    """
    Return the SQL that makes the roles, whose names begin with *prefix*, and gives them the tables.

    For a superuser. It can be run again, as after an update, and leaves no other right to our
    tables to any of the four.
    """
    names = [*tables.metadata.tables, tables.VERSION_TABLE]
    ours, owner = ", ".join(names), f"{prefix}_{OWNER}"
    limited = ", ".join(f"{prefix}_{role}" for role in RIGHTS)
    lines = ["BEGIN;", *(_made(f"{prefix}_{role}") for role in (*RIGHTS, OWNER))]
    lines += [_in_schema("USAGE", limited), _in_schema("USAGE, CREATE", owner)]
    lines += [f"ALTER TABLE {name} OWNER TO {owner};" for name in names]
    lines.append(f"REVOKE ALL ON {ours} FROM PUBLIC, {limited};")
    lines.append(f"GRANT {_READ} ON {ours} TO {limited};")
    for role, rights in RIGHTS.items():
        lines += [
            f"GRANT {', '.join(some)} ON {table.name} TO {prefix}_{role};"
            for table, some in rights.items()
        ]
    return "\n".join([*lines, "COMMIT;", ""])


def _made(role: str) -> str:
    """Return what makes a *role* that cannot log in itself, unless it is there."""
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}')"
        f" THEN CREATE ROLE {role} NOLOGIN; END IF; END $$;"
    )


def _in_schema(right: str, roles: str) -> str:
    """Return what gives *roles* a *right* in the schema where tables are made."""
    grant = f"'GRANT {right} ON SCHEMA %I TO {roles}'"
    return f"DO $$ BEGIN EXECUTE format({grant}, current_schema()); END $$;"
