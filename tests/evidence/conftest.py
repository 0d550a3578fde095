"""A PostgreSQL server for those walks that need one."""

from tests.log.conftest import server as server  # noqa: PLC0414 - pytest takes it from here
