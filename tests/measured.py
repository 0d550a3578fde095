"""What is measured of the tests' way through the package: measuring takes as long again."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from importlib import import_module
from pkgutil import walk_packages

import consent

#: Files of tests that do often what others do once. Measuring what they run takes nearly as
#: long as running it, and finds no line that the others do not.
UNMEASURED = {
    "test_connection.py",
    "test_crowd.py",
    "test_faults.py",
    "test_foreign.py",
    "test_gallery.py",
    "test_injected.py",
    "test_million.py",
    "test_powercut.py",
}

#: Files whose tests on PostgreSQL run what SQLite has no need of. Those of the others repeat there
#: what was measured on SQLite.
DIFFERENT = {
    "test_database.py",
    "test_schema.py",
    "test_store.py",
    "test_transaction.py",
}


def is_measured(item) -> bool:
    """Tell whether *item* may run lines of the package that no other test runs."""
    name = item.path.name
    repeats = getattr(item, "cls", None) is not None and item.cls.__name__.endswith("OnPostgreSQL")
    return name not in UNMEASURED and (name in DIFFERENT or not repeats)


@contextmanager
def unmeasured(config):
    """Run no slower than without a measure of coverage, where there is one."""
    if (measure := _measure(config)) is None:
        yield
        return
    threads = threading.gettrace()
    measure.pause()
    try:
        yield
    finally:
        measure.resume()
        threading.settrace(threads)  # coverage measures all from now on, whether it did or not


def load(config) -> None:
    """Load the package where that is measured, before anything else does."""
    if _measure(config):
        for found in walk_packages(consent.__path__, "consent."):
            if ".migrations" not in found.name:  # those run when they are loaded
                import_module(found.name)


def _measure(config):
    plugin = config.pluginmanager.getplugin("_cov")
    return plugin and plugin.cov_controller
