"""`vaxtext iis ...`: the registry."""

import sys
from pathlib import Path

import click

from bot.cli.iis_check import check
from bot.cli.started import completed_settings
from bot.iis.load import load_files
from bot.ports import IISRejected, IISUnavailable


@click.group()
def iis() -> None:
    """Fill and try the registry."""


iis.add_command(check)


@iis.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(files: tuple[Path, ...]) -> None:
    """Load people and doses from FHIR NDJSON files or bundles. Loading again changes nothing."""
    settings = completed_settings()
    try:
        result = load_files(
            settings.iis_url, list(files), progress=True, report=lambda line: click.echo(line, err=True)
        )
    except (IISUnavailable, IISRejected) as error:
        raise click.ClickException(f"The registry did not take the records: {error}. Check IIS_URL.") from None
    click.echo(f"People: {result.people}. Doses: {result.doses}. Lines skipped: {result.rejected}.")
    if result.rejected and not result.people and not result.doses:
        sys.exit(1)
