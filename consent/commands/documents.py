"""``flask consent documents``: what a site's own documents have to say about consent."""

from __future__ import annotations

from pathlib import Path

import click

from consent.audit.wording import LANGUAGES
from consent.commands.site import any_case, require_replaceable, site_of, told
from consent.log.export.file import export_file
from consent.policy.model import Policy
from consent.web.desk.documents import KINDS, document, spoken
from consent.web.desk.overview import today


@click.command()
@click.argument("kind", type=any_case(KINDS))
@click.option(
    "--language",
    type=any_case(LANGUAGES),
    help="In which it is written, of those of the policy. Default: de, if the policy has it.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; one of that name is replaced. Default: print it.",
)
@click.pass_context
def documents(context: click.Context, kind: str, language: str | None, out: Path | None) -> None:
    """
    Write a draft for your own documents from the policy.

    "privacy" is what your privacy policy says about consent, "register" the entry for your record
    of processing activities (Art. 30 GDPR). Both are HTML: open them in a browser and copy what
    stands between the lines into your CMS or word processor. What only you know is marked.
    """
    site = site_of(context)
    text = document(site, kind, _language(site.config.policy, language), today()).encode()
    if out is None:
        click.echo(text)
        return
    require_replaceable(site, out)
    with told(), export_file(out, 0o666) as file:  # there is nobody's data in it
        file.write(text)
    click.echo(f"written to {out}; open it in a browser", err=True)


def _language(policy: Policy, wanted: str | None) -> str:
    able = spoken(policy)
    if wanted in able:
        return wanted
    if wanted is None and able:
        return able[0]
    raise click.UsageError(
        f"--language: found {wanted or 'nothing'}, wanted one of {', '.join(LANGUAGES)} that the "
        f"policy has; its languages are {', '.join(policy.languages)}"
    )
