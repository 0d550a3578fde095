"""Continuous integration runs what everybody runs, and leaves nothing out."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import share_of

ROOT = Path(__file__).parents[2]

SKIPS = """
import pytest

def test_that_looks_for_something_missing():
    pytest.skip("nothing here")

@pytest.mark.skipif(True, reason="not today")
def test_that_is_marked():
    pass
"""

SKIPPED_WHOLE = """
import pytest

pytest.importorskip("no_such_module_anywhere")
"""


FAILS = """
def test_that_fails():
    assert "one thing" == "another"

def test_that_passes():
    pass
"""

BROKEN = "import no_such_module_anywhere\n"


def outcome(folder: Path, ci: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the tests of another folder under our rules."""
    pytest_ = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    return subprocess.run(
        [
            *pytest_,
            "--continue-on-collection-errors",
            "-c",
            os.devnull,
            "--rootdir",
            folder,
            folder,
        ],
        cwd=ROOT,
        env={**os.environ, "CI": ci, "FAILURES": "", **more},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.slow
def test_where_nothing_may_be_skipped_a_skip_is_a_failure(tmp_path):
    """
    In continuous integration a test that could not run counts as failed, and so does a module.
    """
    (tmp_path / "test_sample.py").write_text(SKIPS, encoding="utf-8")
    (tmp_path / "test_whole.py").write_text(SKIPPED_WHOLE, encoding="utf-8")

    assert "1 failed, 2 errors" in outcome(tmp_path, ci="true").stdout
    assert "3 skipped" in outcome(tmp_path, ci="").stdout


STUCK = """
import signal

def test_that_no_signal_ends():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    while True:
        pass

def test_that_passes():
    pass
"""


@pytest.mark.slow
def test_a_test_that_nothing_ends_costs_its_worker_alone(tmp_path):
    """
    The others run all the same, and it is told which one it was and where it stood.
    """
    (tmp_path / "test_sample.py").write_text(STUCK, encoding="utf-8")
    rules = configparser.ConfigParser()
    rules.read(ROOT / "setup.cfg", encoding="utf-8")
    ours = rules["tool:pytest"]

    run = outcome(
        tmp_path,
        ci="",
        PYTEST_ADDOPTS="-n 1 -o faulthandler_timeout=0.5 "
        f"-o faulthandler_exit_on_timeout={ours['faulthandler_exit_on_timeout']}",
    )

    assert ours.getint("faulthandler_timeout") > ours.getint("timeout")
    assert "crashed while running 'test_sample.py::test_that_no_signal_ends'" in run.stdout
    assert "in test_that_no_signal_ends" in run.stderr
    assert "1 failed, 1 passed" in run.stdout


@pytest.mark.slow
def test_what_failed_is_kept_for_the_end(tmp_path):
    """
    A failure among the tests that come first is told again after those that come last.
    """
    failures = tmp_path / "build" / "failures"
    (tmp_path / "test_sample.py").write_text(FAILS, encoding="utf-8")
    (tmp_path / "test_broken.py").write_text(BROKEN, encoding="utf-8")

    for times, workers in ((1, 0), (2, 1)):
        more = f"-n {workers}"
        outcome(tmp_path, ci="", FAILURES=str(failures), PYTEST_ADDOPTS=more)

        kept = failures.read_text(encoding="utf-8")
        assert kept.count("FAILED test_sample.py::test_that_fails\n") == times
        assert kept.count("FAILED test_broken.py\n") == times
        assert "assert 'one thing' == 'another'" in kept
        assert "test_that_passes" not in kept


@pytest.mark.parametrize(("first", "second", "code"), [(0, 0, 0), (1, 0, 2), (0, 1, 2), (3, 3, 2)])
def test_both_parts_have_to_pass_and_failures_come_last(tmp_path, first, second, code):
    """
    `make test` fails if either of its parts does, and its last lines are what failed in both.
    """
    part = tmp_path / "part"
    part.write_text(
        "#!/bin/sh\n"
        'case "$*" in *--ignore*) name=others code=$SECOND;; *) name=browsers code=$FIRST;; esac\n'
        '[ $code = 0 ] || echo "FAILED $name" >>"$FAILURES"\n'
        'echo "ran $name"\n'
        "exit $code\n",
        encoding="utf-8",
    )
    part.chmod(0o755)
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "failures").write_text("of yesterday\n", encoding="utf-8")

    run = subprocess.run(
        ["make", "-s", "-f", ROOT / "Makefile", f"SHARE={part}", "whole"],
        cwd=tmp_path,
        env={**os.environ, "FIRST": str(first), "SECOND": str(second)},
        capture_output=True,
        text=True,
    )

    failed = {"browsers": first, "others": second}
    assert run.returncode == code
    assert run.stdout.splitlines() == [
        *(f"ran {name}" for name in failed),
        *(f"FAILED {name}" for name, failure in failed.items() if failure),
    ]


@pytest.mark.parametrize(
    ("test", "share"),
    [
        ("tests/browser/test_csp.py::TestX::test_a[firefox-with - and ]]", "firefox"),
        ("tests/browser/webkit/test_webkit.py::test_a[webkit]", "webkit"),
        ("tests/browser/test_csp.py::test_a[chromium-dark]", "tests/browser/test_csp.py"),
        ("tests/log/test_seal.py::test_a", "tests/log/test_seal.py"),
    ],
)
def test_what_is_slow_to_start_starts_once(test, share):
    """
    One worker runs all that needs Firefox, one all that needs WebKit, and each file is run by one.
    """
    assert share_of(test) == share


def test_continuous_integration_runs_the_command_that_everybody_runs(tmp_path):
    """
    What is green there is green with `make test` in a fresh clone; each line says when it came.
    """
    make = tmp_path / "make"
    make.write_text('#!/bin/sh\necho "found: $*"\nprintf unended\nexit 3\n', encoding="utf-8")
    make.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"

    run = subprocess.run(
        [ROOT / ".ci" / "run"],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )

    lines = [line.split(" ", 1) for line in run.stdout.splitlines()]
    assert run.returncode != 0
    assert [text for _, text in lines] == ["found: test", "unended"]
    assert all(re.fullmatch(r"[0-9]{2}(:[0-9]{2}){2}", time) for time, _ in lines)


def test_the_measure_of_coverage_is_our_own_package():
    """
    At least 97 % of the branches of `consent` are run by the tests.
    """
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")

    assert parser["coverage:run"]["source"] == "consent"
    assert parser.getboolean("coverage:run", "branch")
    assert parser.getfloat("coverage:report", "fail_under") >= 97


def test_the_environment_can_lie_elsewhere():
    """
    `make VENV=elsewhere` leaves no second environment behind.
    """
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if ".venv" in line] == ["VENV   ?= .venv"]


def test_all_engines_are_brought():
    """
    `make test` installs Chromium, Firefox and WebKitGTK where they are missing.
    """
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [needed] = re.findall(r"(?m)^NEEDED := (.*)$", makefile)
    [rule] = re.findall(r"(?m)^test: (.*?) ##", makefile)
    script = (ROOT / "tools/need.sh").read_text(encoding="utf-8")
    known = re.findall(r"(?m)^missing_(\w+)\(\)", script)

    assert {"chromium", "firefox", "webkit", "postgresql"} <= set(needed.split()) <= set(known)
    assert "packages" in rule.split()
    assert "$(NEED) packages $(NEEDED)" in makefile


def test_there_is_another_way_where_a_package_is_missing():
    """
    Whatever is needed and cannot be installed is told about, or brought in another way.
    """
    script = (ROOT / "tools/need.sh").read_text(encoding="utf-8")

    assert re.findall(r"(?m)^missing_(\w+)", script) == re.findall(r"(?m)^otherwise_(\w+)", script)
