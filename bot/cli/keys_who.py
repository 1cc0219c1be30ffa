"""`vaxtext keys who`: by which sign the log knows a phone that day, for the help line."""

from datetime import UTC, datetime

import click

from bot.cli.started import settings_so_far_or_exit
from bot.records import E164
from bot.store.signs import Signs


@click.command()
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="Of the lines that you look for, UTC. Without it: today."
)
def who(day: datetime | None) -> None:
    """Say what stands as `who` in lines of the log about one phone.

    The number is asked for, so that it stays out of your shell's history. Look nobody up who did not ask for it.
    """
    signs = Signs(settings_so_far_or_exit().ring("log_keys"))
    if not signs.ring.keys:
        raise click.ClickException("LOG_KEYS is not set, so no line says whose it is. Make one: vaxtext keys new logs")
    phone = click.prompt("Phone, such as +15551234567", hide_input=True)
    if not E164.fullmatch(phone):
        raise click.ClickException("Write the number with + and the country, such as +15551234567.")
    for sign in signs.all_of(phone, f"{day or datetime.now(UTC):%Y-%m-%d}"):
        click.echo(sign)
