"""The example does what the command that looks at a site asks of it."""

from flask.cli import ScriptInfo

from consent.cli import cli
from examples.association import create_app


def test_the_check_finds_nothing(tmp_path):
    """
    Whoever tries the check on the example reads what is asked, and of no problem.
    """
    app = create_app({"DATA": tmp_path})
    run, info = app.test_cli_runner().invoke, ScriptInfo(create_app=lambda: app)
    seal, check = run(cli, ["seal"], obj=info), run(cli, ["check"], obj=info)

    assert seal.exit_code == 0, seal.output
    assert "problem:" not in check.output
    assert check.exit_code == 0, check.output
    assert check.output.endswith("\nno problems found\n")
