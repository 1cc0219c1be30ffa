"""`vaxtext funnel`: how far people come, in the terminal."""

from datetime import UTC, datetime, timedelta

import click
import redis
from rich.console import Console
from rich.table import Table

from bot.cli.started import completed_settings, in_words, redis_of
from bot.flow_folder import open_flow
from bot.funnel.summary import Days, Summary, summary
from bot.funnel.table import table
from bot.store.funnel import RedisFunnel

BAR = 30  # characters of the longest


@click.command()
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 90), help="So many days, today included.")
@click.option("--language", default="", help="Only who chose this language, such as es.")
@click.option("--csv", "as_csv", is_flag=True, help="As a table with a line for each day, language and step.")
def funnel(days: int, language: str, as_csv: bool) -> None:
    """How many came to each step, got a record, gave up. Rounded to fives; small numbers are hidden."""
    settings = completed_settings()
    with in_words():
        flow = open_flow(settings.flow)
        with redis_of(settings) as client:
            counts = _read(client, days)
    if language not in ("", *flow.languages):
        raise click.BadParameter(f"the flow has {', '.join(flow.languages)}", param_hint="--language")
    if as_csv:
        click.echo(table(flow, counts), nl=False)
    else:
        _show(summary(flow, counts, language))


def _read(client: redis.Redis, days: int) -> Days:
    today = datetime.now(UTC).date()
    return RedisFunnel(client).read([(today - timedelta(days=ago)).isoformat() for ago in range(days)])


def _show(found: Summary) -> None:
    total = found.total
    click.echo(f"{total.reached} conversations, {total.finished} got a record, {total.stopped} gave up.")
    rows = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("Step", "Came here", "", "Said no more", "Asked again"):
        rows.add_column(heading, no_wrap=True)
    longest = max((row.reached.rounded for row in found.states), default=0) or 1
    for row in found.states:
        if row.reached.exact:
            bar = "█" * max(1, row.reached.rounded * BAR // longest)
            rows.add_row(row.name, str(row.reached), bar, str(row.stopped), str(row.retried))
    Console().print(rows)
