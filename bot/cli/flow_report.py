"""`vaxtext flow report`: one page about a flow, for the manager who signs it."""

import sys
from datetime import date
from pathlib import Path

import click

from bot.cli.flow_test import without_log
from bot.cli.started import in_words, settings_or_exit
from bot.flow_folder import check_folder, read_folder
from bot.report.costs import Prices
from bot.report.page import Chats, page
from bot.transcripts.app import open_app
from bot.transcripts.coverage import coverage
from bot.transcripts.suite import chats_in, run_chats


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Default: <flow>-report.html.")
@click.option("--price", default=0.0079, show_default=True, help="Dollars for a segment, out or in; see your contract.")
@click.option("--picture-price", default=0.02, show_default=True, help="Dollars for a picture message.")
def report(folder: Path | None, out: Path | None, price: float, picture_price: float) -> None:
    """Write one HTML page about the flow in FOLDER (default: the setting FLOW), to read, print and sign."""
    folder = folder or settings_or_exit().flow
    flow, problems = check_folder(folder)
    if flow is None:
        for problem in problems:
            click.echo(problem)
        click.echo("No report: a flow with errors cannot be signed.")
        sys.exit(1)
    out = out or Path(f"{flow.name}-report.html")
    chats = _chats(folder)
    prices = Prices(price, picture_price)
    text = page(flow, read_folder(folder), problems, chats, today=date.today(), prices=prices)  # noqa: DTZ011 hers
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}") from None
    click.echo(f"{out}: open it in a browser, and print it from there.")
    if chats.differences:
        click.echo(f"{len(chats.differences)} transcripts went differently; the report says so: vaxtext flow test")


def _chats(folder: Path) -> Chats:
    """Run all transcripts: a report of what the bot does, not of what somebody wrote down once."""
    with in_words(), without_log(), open_app(folder) as app:
        done = list(run_chats(app, chats_in(folder)))
        parts = coverage(app.flow, app.watch, (said for result in done for said in result.said))
    return Chats(
        passed=sum(not result.difference and not result.skipped for result in done),
        differences=[result.difference for result in done if result.difference],
        skipped=[f"{Path(result.file).name}: {result.skipped}" for result in done if result.skipped],
        coverage=parts,
    )
