"""`vaxtext iis ...`: the registry."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bot.cli.iis_check import check
from bot.cli.started import registry_settings
from bot.config import Settings
from bot.iis.loading.load import LoadResult, load_files
from bot.iis.opening import is_copy
from bot.iis.sql.counts import Counts, count, told_wrong_dates
from bot.iis.sql.engine import PATIENCE
from bot.iis.sql.schema import upgrade_schema
from bot.ports import IISRejected, IISUnavailable

REJECTS = "iis_rejects.csv"  # in DATA_DIR
AGAIN = "Mend that and load the same files again; what was read already is kept."


@click.group()
def iis() -> None:
    """Fill and try the registry."""


iis.add_command(check)


@iis.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--rejects", type=click.Path(path_type=Path), help="Another file for what is rejected.")
@click.option("--full", is_flag=True, help="The files hold the whole registry: remove who is not in them.")
@click.option(
    "--patience",
    type=click.FloatRange(min=1),
    default=PATIENCE,
    show_default=True,
    help="Seconds to wait for a database that is locked or silent.",
)
def load(files: tuple[Path, ...], rejects: Path | None, full: bool, patience: float) -> None:
    """Load people and doses from FHIR, HL7 v2 and CSV files, also .gz. Loading again changes nothing.

    What cannot be loaded is listed in DATA_DIR/iis_rejects.csv, with its file, line and reason.
    """
    settings = _settings_of_a_copy()
    rejects = rejects or settings.data_dir / REJECTS
    if os.path.realpath(rejects) in map(os.path.realpath, files):  # Path.resolve() fails where links go in a circle
        raise click.UsageError("--rejects names a file that is to be loaded; name another.")
    with _in_words("The load ended early", AGAIN):
        result = load_files(settings.iis_url, files, rejects=rejects, full=full, progress=True, patience=patience)
    _tell(result, rejects)
    with _in_words("All was loaded, but could not be counted", "'vaxtext iis check' counts it too."):
        _tell_counts(count(settings.iis_url, patience=patience))
    if troubles := list(_troubles(result)):
        raise click.ClickException("\n".join(troubles))


@iis.command()
def upgrade() -> None:
    """Bring the tables of a SQL replica to what this program reads; a load does it too."""
    settings = _settings_of_a_copy()
    with _in_words("The tables are as they were", "Mend that and type it again."):
        upgrade_schema(settings.iis_url)
    click.echo("The tables are those that this program reads.")


def _settings_of_a_copy() -> Settings:
    settings = registry_settings()
    if not is_copy(settings.iis_url):
        raise click.ClickException("IIS_URL names a registry that is asked live; only a SQL copy can be filled.")
    return settings


@contextmanager
def _in_words(what: str, then: str) -> Iterator[None]:
    try:
        yield
    except (IISUnavailable, IISRejected) as error:
        reason = str(error)
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}"
    else:
        return
    raise click.ClickException(f"{what}: {reason}{'' if reason.endswith('?') else '.'} {then}")


def _tell(result: LoadResult, rejects: Path) -> None:
    click.echo(f"People: {result.people}. Doses: {result.doses}.")
    if result.dropped:
        click.echo(f"Dropped, as entered in error, refused or deleted: {result.dropped} doses.")
    if result.rejected:
        click.echo(f"Rejected: {result.rejected}, listed in {rejects}.")
    if result.vanished:
        click.echo(f"Removed: {result.vanished.people} people, {result.vanished.doses} doses.")


def _tell_counts(held: Counts) -> None:
    click.echo(f"The registry holds {held.people} people and {held.doses} doses. Double reports: {held.doubles}.")
    if held.wrong_dates:
        click.echo(told_wrong_dates(held.wrong_dates))


def _troubles(result: LoadResult) -> Iterator[str]:
    """Why it is not well, though all that could be read is loaded."""
    for file in result.unread:
        yield f"Not read to its end: {file}"
    if result.kept:
        yield f"Nobody was removed: {result.kept}."
    for many in result.many_rejected:
        yield f"{many}. Has the export changed? The list of rejects has the reasons; the rest is loaded."
    if result.rejected and not result.people and not result.doses:
        yield "Nothing could be loaded."
