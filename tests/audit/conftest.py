"""What the tests of the auditor's side share with those of the log: a database, and a store."""

from tests.log.conftest import postgresql, sealer, server, store, url

__all__ = ["postgresql", "sealer", "server", "store", "url"]
