"""
A database that the log shares with tables that the site migrates.

Flask-Migrate is no dependency of the tests; what stands for it here is what it leaves at an app.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sqlalchemy import make_url

from consent.web.report.neighbours import endangered

POSTGRES = "postgresql://site@db.example/verein"


def keeps(name, kind, _):
    return kind != "table" or not name.startswith("consent_")


def knows(name, kind, parents):
    """Choose as Alembic's documentation shows it."""
    return kind != "table" or parents["schema_qualified_table_name"] == "member"


@pytest.fixture
def found(make_app, tmp_path):
    """Return what is said of a site whose models are at *urls* and whose log is at *log*."""

    def found(*urls, log, script=None, **told):
        app = make_app(CONSENT_DATABASE=log)
        names = (None, "more")
        engines = {
            name: SimpleNamespace(url=make_url(url)) for name, url in zip(names, urls, strict=False)
        }
        app.extensions["sqlalchemy"] = SimpleNamespace(engines=engines)
        app.extensions["migrate"] = SimpleNamespace(configure_args=told, directory=str(tmp_path))
        if script:
            (tmp_path / "env.py").write_text(script, encoding="utf-8")
        return list(endangered(app.extensions["consentry"]))

    return found


@pytest.mark.parametrize(
    ("url", "log"),
    [
        (POSTGRES, "postgresql://consent:word@db.example:5432/verein"),
        ("postgresql+psycopg://localhost/verein", "postgresql:///verein"),
    ],
    ids=["another user", "this machine"],
)
def test_the_next_migration_would_drop_the_log(found, url, log):
    """
    Where the site migrates the database that the log is in, the check says what is about to happen
    to it, and how to keep it.
    """
    [problem] = found(url, log=log)

    assert "drops the log" in problem
    assert "hint: or Migrate(app, db, include_name=" in problem


def test_an_sqlite_file_is_the_same_by_any_name(found, tmp_path):
    """
    The same file is found by another path, too.
    """
    (tmp_path / "other").symlink_to(tmp_path)

    assert found(f"sqlite:///{tmp_path}/other/site.db", log=f"sqlite:///{tmp_path}/site.db")


@pytest.mark.parametrize(
    ("urls", "more"),
    [
        (["postgresql://site@db.example/another"], {}),
        (["postgresql://site@elsewhere.example/verein"], {}),
        (["postgresql://site@db.example:6432/verein"], {}),
        (["mysql://site@db.example:5432/verein"], {}),
        ([POSTGRES], {"include_name": keeps}),
        ([POSTGRES], {"include_name": knows}),
        ([POSTGRES], {"include_object": keeps}),
        ([POSTGRES], {"include_name": lambda *_: True, "include_object": keeps}),
        ([POSTGRES], {"script": "context.configure(include_name=ours)"}),
        (["sqlite:///site.db", POSTGRES], {}),
    ],
    ids=[
        *("database", "host", "port", "kind", "names", "names with schemas", "objects"),
        *("both", "script", "not looked at"),
    ],
)
def test_the_log_is_left_alone(found, urls, more):
    """
    Nothing is said where the log is elsewhere, or its tables are left out.
    """
    assert found(*urls, log=POSTGRES, **more) == []


def test_another_sqlite_file_is_another_database(found, tmp_path):
    """
    Two files beside each other share nothing.
    """
    assert not found(f"sqlite:///{tmp_path}/members.db", log=f"sqlite:///{tmp_path}/site.db")


def test_a_choice_that_takes_in_our_tables_does_not_help(found):
    """
    What leaves out other tables than ours is no help.
    """
    assert found(POSTGRES, log=POSTGRES, include_name=lambda *_: True)


def test_a_script_for_several_databases_looks_at_all(found):
    """
    Where the site migrates several databases, the log is looked for in each.
    """
    assert found("sqlite:///site.db", POSTGRES, log=POSTGRES, script="bind_names = []")


@pytest.mark.parametrize("there", [(), ("migrate",), ("sqlalchemy",)])
def test_a_site_without_it(make_app, there):
    """
    A site that migrates nothing, or has no models, has nothing to fear.
    """
    app = make_app()
    app.extensions |= dict.fromkeys(there, SimpleNamespace())

    assert list(endangered(app.extensions["consentry"])) == []
