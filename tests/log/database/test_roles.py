"""Roles in PostgreSQL: who may add, who may seal, who may read, and who may take away."""

from __future__ import annotations

import secrets
import time

import psycopg
import pytest
from sqlalchemy import event

from consent.audit import access, shots
from consent.audit.shots import Shot
from consent.cli import cli
from consent.errors import LogError
from consent.log import succession, wipe
from consent.log.database import roles, tables
from consent.log.database.roles import APP, AUDITOR, OWNER, SEALER
from consent.log.erase import Eraser
from consent.web.site import EXTENSION, Site
from tests.conftest import POLICY, Visitor, make_site
from tests.web.desk.conftest import DESK, Browser
from tests.web.test_csp import report

RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")

#: What proves something: nobody but the owner changes a row of it, or takes one away.
EVIDENCE = (tables.event, tables.document, tables.act, tables.leaf)


class Database:
    """A log in PostgreSQL with the four roles, and somebody who has each."""

    def __init__(self, url: str, folder) -> None:
        self.url, self.prefix = url, f"log_{secrets.token_hex(6)}"
        policy = folder / "consent.toml"
        policy.write_text(POLICY, encoding="utf-8")
        self._policy = policy
        self.site(url).store.logs()
        # As an administrator does who lets nobody into a schema unasked.
        self.let("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        for role in (APP, SEALER, AUDITOR, OWNER):
            self.let(f"CREATE ROLE {self.prefix}_{role}_login LOGIN PASSWORD 'secret'")
        self.make_roles()
        for role in (APP, SEALER, AUDITOR, OWNER):
            self.let(f"GRANT {self.prefix}_{role} TO {self.prefix}_{role}_login")

    def make_roles(self) -> None:
        """Do what the command says."""
        self.let(roles.statements(self.prefix))

    def let(self, statement: str) -> None:
        """Run something as who may do everything."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)

    def url_of(self, role: str) -> str:
        """Return the URL for somebody with this *role*."""
        return f"postgresql://{self.prefix}_{role}_login:secret@{self.url.partition('@')[2]}"

    def app(self, url: str):
        """Make the site, with the log as *url* says; it does not seal by itself."""
        return make_site(
            self._policy,
            CONSENT_DATABASE=url,
            CONSENT_SEAL="command",
            CONSENT_CSP="img-src 'self'",
        )

    def site(self, url: str) -> Site:
        """Return what belongs to that site."""
        return self.app(url).extensions[EXTENSION]

    def rights(self, role: str) -> dict[str, list[str]]:
        """Return what a *role* may do with each of our tables."""
        query = "SELECT has_table_privilege(%s, %s, %s)"
        with psycopg.connect(self.url) as connection:
            return {
                table: [
                    right
                    for right in RIGHTS
                    if connection.execute(query, (f"{self.prefix}_{role}", table, right)).fetchone()
                    == (True,)
                ]
                for table in (*tables.metadata.tables, tables.VERSION_TABLE)
            }


@pytest.fixture
def database(postgresql, tmp_path):
    return Database(postgresql, tmp_path)


def test_no_role_but_the_owners_changes_or_removes_evidence(database):
    """
    The app adds and reads, an auditor reads, and only whoever erases may take something away or
    change it; again so when the statements are run again, whatever was given meanwhile (SE-13).
    """
    database.let(f"GRANT ALL ON consent_event TO {database.prefix}_app, PUBLIC")
    database.make_roles()
    found = {role: database.rights(role) for role in (APP, SEALER, AUDITOR)}

    for role, rights in found.items():
        allowed = {right for table in EVIDENCE for right in rights[table.name]}
        assert allowed <= {"SELECT", "INSERT"}, role
        assert all("SELECT" in some for some in rights.values()), role
        assert not {"TRUNCATE", "REFERENCES", "TRIGGER"} & {r for s in rights.values() for r in s}
    assert {tuple(some) for some in found[AUDITOR].values()} == {("SELECT",)}
    assert set(database.rights(OWNER)["consent_event"]) == set(RIGHTS)
    assert found[APP]["consent_leaf"] == found[APP]["consent_head"] == ["SELECT"]


def test_the_owner_makes_tables_and_knows_nothing_of_other_databases(database):
    """
    A newer version finds its new tables made by the owner; none of the four is in a role of the
    server's own, such as those that may read what others ask (SE-13).
    """
    with psycopg.connect(database.url_of(OWNER), autocommit=True) as connection:
        connection.execute("CREATE TABLE consent_new ()")
        roles = [f"{database.prefix}_{role}" for role in (APP, SEALER, AUDITOR, OWNER)]
        query = "SELECT count(*) FROM pg_auth_members WHERE member = ANY(%s::regrole[])"
        assert connection.execute(query, (roles,)).fetchone() == (0,)
        connection.execute("DROP TABLE consent_new")
    forbidden = pytest.raises(psycopg.errors.InsufficientPrivilege)
    with psycopg.connect(database.url_of(APP)) as connection, forbidden:
        connection.execute("CREATE TABLE consent_new ()")


def test_each_can_do_its_work(database, monkeypatch):
    """
    With these rights visitors decide, change and withdraw, see their record and report; the sealer
    seals and counts; somebody who was invited looks at the desk; and what is to be erased is gone
    from the database's files (SE-13, EV-07).
    """
    app = database.app(database.url_of(APP))
    site = app.extensions[EXTENSION]
    visitor = Visitor(app)
    for control in ("accept", "reject", "accept"):
        assert visitor.decide(control).status_code == 303
    for _ in range(2):
        assert report(visitor).status_code == 204
    assert [leak.count for leak in site.leaks.since(0)] == [2]
    sealing = database.site(database.url_of(SEALER))
    assert sealing.sealer.seal() == 3
    sealing.counter.catch_up()
    visitor.decide("save", "matomo")
    succession.rotate(sealing.sealer, "a test")
    assert len(sealing.store.logs()) == 2
    site.counter.catch_up()
    shots.keep(site.store, Shot("00" * 32, "de", 320, 0, 7), b"picture")

    record = visitor.get("/consent/receipt?format=json").json
    assert "proof" in record["records"][0]
    made = site.desk.access.invite("Dr. Prüfer", 14, time.time_ns() // 10**6)
    browser = Browser(app)
    assert browser.open(f"{DESK}/enter/{site.desk.link(made.id)}").status_code == 303
    monkeypatch.setattr(access, "MINUTE", 0)
    pages = ("/overview", "/access", "/find", "/sample", "/exports", "/notices")
    assert {page: browser.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)

    owner, said = database.site(database.url_of(OWNER)), []
    event.listen(
        owner.store._engine, "connect", lambda made, _: made.add_notice_handler(said.append)
    )
    with site.store.snapshot() as now, pytest.MonkeyPatch.context() as patch:
        assert now.logs()
        patch.setattr(wipe, "PATIENCE", 0)
        with pytest.raises(LogError, match="reads it just now"):
            Eraser(owner.sealer, "a test").erase_receipt(record["receipt"], "art-17")
    wipe.wipe(owner.store)
    assert [notice.message_primary for notice in said] == []
    assert site.store.history(record["receipt"]) == []


@pytest.mark.parametrize("role", [APP, SEALER, AUDITOR])
def test_nobody_else_erases(database, role):
    """
    Erasing as anybody else ends with an error that says who may, and nothing is lost (SE-13).
    """
    visitor = Visitor(database.app(database.url_of(APP)))
    visitor.decide("accept")
    database.site(database.url_of(SEALER)).sealer.seal()
    receipt = visitor.get("/consent/receipt?format=json").json["receipt"]

    with pytest.raises(LogError, match="consent_owner for erase and expire"):
        Eraser(database.site(database.url_of(role)).sealer, "a test").erase_receipt(
            receipt, "art-17"
        )
    assert len(database.site(database.url).store.history(receipt)) == 1


def test_who_may_delete_and_does_not_own_the_tables_is_told(database):
    """
    Where another role made the tables PostgreSQL lets a site delete rows, but leaves them in its
    files: then an erasure says who removes them, and whoever owns the tables does (AU-09).
    """
    visitor = Visitor(database.app(database.url))
    visitor.decide("accept")
    receipt = visitor.get("/consent/receipt?format=json").json["receipt"]
    database.let(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {database.prefix}_app")
    site = database.site(database.url_of(APP))
    with pytest.raises(LogError, match="as who owns the tables: flask consent log wipe"):
        Eraser(site.sealer, "a test").erase_receipt(receipt, "art-17")

    assert site.store.history(receipt) == []
    with pytest.raises(LogError, match="consent_event"):
        wipe.wipe(site.store)
    wipe.wipe(database.site(database.url_of(OWNER)).store)


class TestCommand:
    """``flask consent log roles``."""

    def test_it_prints_what_psql_runs(self, postgresql, tmp_path):
        """
        What the command prints is all that has to be run, also where the site never ran (SE-13).
        """
        policy = tmp_path / "consent.toml"
        policy.write_text(POLICY, encoding="utf-8")
        run = make_site(policy, CONSENT_DATABASE=postgresql).test_cli_runner().invoke
        prefix = f"log_{secrets.token_hex(6)}"
        result = run(cli, ["log", "roles", "--prefix", prefix])

        assert (result.exit_code, result.output) == (0, roles.statements(prefix))
        with psycopg.connect(postgresql, autocommit=True) as connection:
            connection.execute(result.output)

    def test_names_that_would_need_quotes_are_refused(self, run):
        """
        The names of the roles are names and nothing else.
        """
        for prefix in ("", "Consent", "a; DROP TABLE consent_event", "a" * 51):
            result = run("log", "roles", "--prefix", prefix)
            assert result.exit_code == 1
            assert "--prefix: found" in result.output

    def test_sqlite_has_none(self, run):
        """
        On SQLite it says so instead of printing what nothing can run.
        """
        result = run("log", "roles")

        assert result.exit_code == 1
        assert "whoever may write the file may do all" in result.output
