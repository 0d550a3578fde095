"""``flask consent texts``: every text that visitors read, to be looked up or translated."""

from __future__ import annotations

import click

from consent.policy import brought, wording


@click.command()
@click.argument("language")
def texts(language: str) -> None:
    """
    Print every text in LANGUAGE, such as de or en, as TOML.

    Of a language that has no texts here, such as uk, it is the file that your site needs to speak
    it, in English: see docs/policy.md.
    """
    if language in wording.languages():
        click.echo(wording.file_of(language).read_text(encoding="utf-8"), nl=False)
    elif brought.can_be(language):
        click.echo(brought.template(language), nl=False)
    else:
        ours = ", ".join(wording.languages())
        raise click.BadParameter(
            f"there are texts in {ours}, and a file to be translated into any other that Unicode"
            " CLDR knows by two or three letters",
            param_hint="LANGUAGE",
        )
