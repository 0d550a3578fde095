"""The tables in the database are the ones that the code expects."""

from __future__ import annotations

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import ProgrammingError

from consent.errors import LogError, LogUnavailable
from consent.log.database import connection, schema, tables
from consent.log.database.connection import connect
from consent.log.store import Store
from tests.log.processes import writers
from tests.log.samples import SITE, make


@pytest.fixture(autouse=True)
def step_by_step(monkeypatch):
    """The steps themselves, not the shortcut that all other tests take."""
    monkeypatch.setattr(schema, "_migrate", schema._migrate.step_by_step)


def test_the_newest_step_is_the_one_that_is_expected():
    """
    A new step is not forgotten where the version is compared.
    """
    config = Config()
    config.set_main_option("script_location", "consent.log.database:migrations")

    assert ScriptDirectory.from_config(config).get_current_head() == schema.HEAD


class TestSchema:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    def test_the_steps_lead_to_the_tables_of_the_code(self, url):
        """
        A database that was brought up to date has exactly the tables that the code describes.
        """
        engine = connect(url)
        schema.ensure(engine)
        options = {
            "version_table": tables.VERSION_TABLE,
            "compare_type": True,
            "compare_server_default": True,
        }
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts=options)
            difference = compare_metadata(context, tables.metadata)
            indexes = [
                index["name"]
                for table in ("consent_event", "consent_leaf")
                for index in inspect(engine).get_indexes(table)
            ]
        engine.dispose()

        assert difference == []
        assert indexes == ["consent_event_receipt", "consent_leaf_id"]

    def test_what_others_keep_in_the_database_stays(self, url, store):
        """
        The log may live beside the tables and migrations of the site itself.
        """
        store.append(make())
        names = set(inspect(store._engine).get_table_names())

        assert names == {*tables.metadata.tables, "consent_version"}
        assert all(name.startswith("consent_") for name in names)

    def test_a_second_start_changes_nothing(self, url, store):
        """
        Starting again keeps what was recorded.
        """
        store.append(make())
        again = Store(url, SITE)

        assert again.count() == 1
        again.close()

    def test_processes_that_start_at_once_all_find_the_tables(self, url, store):
        """
        The first visitors after an installation may meet several processes; each records.
        """
        with writers(url, 2, processes=4) as [program]:
            program.say()
            ids = [program.hear() for _ in range(8)]

            assert program.end() == 0
        assert "" not in ids
        assert store.count() == 8

    def test_a_race_for_the_tables_has_no_loser(self, url, store, monkeypatch):
        """
        Whoever finds that another process was quicker looks again and goes on.
        """
        migrate = schema._migrate
        races = iter([True, True])

        def lose(connection):
            migrate(connection)
            if next(races, False):
                raise ProgrammingError("", None, Exception("relation exists"))

        monkeypatch.setattr(schema, "_migrate", lose)
        store.append(make())

        assert store.count() == 1

    def test_a_fault_that_stays_is_told(self, store, monkeypatch):
        """
        If the tables cannot be made, the log is unavailable, and that is said.
        """

        def fail(connection):
            raise ProgrammingError("", None, Exception("permission denied"))

        monkeypatch.setattr(schema, "_migrate", fail)

        with pytest.raises(LogUnavailable, match="permission denied"):
            store.append(make())

    def test_a_failed_step_leaves_nothing_behind(self, url, store, monkeypatch):
        """
        Tables are made as a whole or not at all, so the next start can try again.
        """

        def fail(*about, **more):
            raise ProgrammingError("", None, Exception("power cut"))

        with monkeypatch.context() as patch:
            patch.setattr("alembic.op.create_index", fail)
            with pytest.raises(LogUnavailable, match="power cut"):
                store.append(make())
        left = inspect(store._engine).get_table_names()
        store.append(make())

        assert left == []
        assert store.count() == 1

    def test_a_database_of_the_future_is_left_alone(self, url, store):
        """
        An older program does not write into tables that it does not know.
        """
        store.append(make())
        with store._engine.begin() as connection:
            connection.execute(text("UPDATE consent_version SET version_num = '9999'"))
        older = Store(url, SITE)

        with pytest.raises(LogError, match="newer than this version") as refused:
            older.append(make())
        assert "found 9999" in str(refused.value)
        assert not isinstance(refused.value, LogUnavailable)
        older.close()


class TestSchemaOnPostgreSQL(TestSchema):
    """The same promises on PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql

    def test_a_step_may_take_as_long_as_it_takes(self, store, monkeypatch):
        """
        The tables of a large log are brought up to date although that takes longer than a visitor
        would wait.
        """
        make_index = op.create_index

        def slow(*about, **more):
            op.execute("SELECT pg_sleep(0.4)")
            make_index(*about, **more)

        monkeypatch.setattr(connection, "SERVER_PATIENCE", 0.2)
        monkeypatch.setattr(op, "create_index", slow)
        store.append(make())

        assert store.count() == 1
