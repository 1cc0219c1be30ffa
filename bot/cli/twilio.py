"""`vaxtext twilio ...`: whether Twilio is told what it must know, and telling it."""

import sys
from collections.abc import Sequence

import click
from twilio.rest import Client

from bot.cli.started import settings_so_far_or_exit
from bot.cli.twilio_account import Account, TwilioSaysNo, change, read_account
from bot.cli.twilio_needs import Row, compare, hooks_in_force
from bot.cli.twilio_reach import reach
from bot.config import Settings
from bot.delivery.twilio_client import build_client

NEEDED = ("PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM")


@click.group()
def twilio() -> None:
    """Compare and change what is configured at Twilio. Explained in docs/operators.md."""


@twilio.command()
def doctor() -> None:
    """Compare what is configured at Twilio with what we need; exit status 1 if something is to be changed."""
    settings = _settings()
    _, rows = _examine(settings, _client(settings))
    _show(rows)


@twilio.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def configure(yes: bool) -> None:
    """Set webhook, retries and fallback at Twilio, after showing each change; then run the doctor."""
    settings = _settings()
    client = _client(settings)
    account, rows = _examine(settings, client)
    fields = {name: value for row in rows for name, value in row.fix.items()}
    if account.number and fields:
        hooks = hooks_in_force(account.number)
        click.echo(f"In {hooks.name}:")
        for row in (row for row in rows if row.fix):
            click.echo(f"  {row.what}: {row.found} -> {row.need}")
        if hooks.kind == "service" and account.number.service and account.number.service.numbers > 1:
            click.echo(f"This is for all {account.number.service.numbers} numbers of that service.")
        if not yes:
            click.confirm("Change this at Twilio?", abort=True)
        try:
            change(client, hooks, fields)
        except TwilioSaysNo as no:
            raise click.ClickException(f"Nothing was changed, as far as we know. {no}") from None
        _, rows = _examine(settings, client)
    else:
        click.echo("There is nothing that we could change.")
    _show(rows)


def _settings() -> Settings:
    settings = settings_so_far_or_exit()
    if missing := [name for name in NEEDED if not getattr(settings, name.lower())]:
        raise click.ClickException(f"Set {', '.join(missing)} first: .env.example says how.")
    return settings


def _client(settings: Settings) -> Client:
    return build_client(settings.twilio_account_sid, settings.auth_tokens[0], settings.twilio_api_url)


def _examine(settings: Settings, client: Client) -> tuple[Account, list[Row]]:
    fallback = settings.twilio_fallback_url or f"{settings.public_url}/twilio/fallback"
    try:
        account = read_account(client, settings.twilio_from)
    except TwilioSaysNo as no:
        _print(list(reach(settings.public_url, fallback)))
        raise click.ClickException(str(no)) from None
    compared = compare(account, settings.twilio_from, settings.public_url, fallback)
    return account, [*compared, *reach(settings.public_url, fallback)]


def _show(rows: Sequence[Row]) -> None:
    """Print the table, and end with status 1 if something is to be changed."""
    _print(rows)
    changes = sum(bool(row.change) for row in rows)
    click.echo(f"\n{changes} to change." if changes else "\nAll that can be seen from here is well.")
    sys.exit(1 if changes else 0)


def _print(rows: Sequence[Row]) -> None:
    for row in rows:
        click.echo(f"{row.word:<8}{row.what:<24}{row.found}")
        if row.word != "ok":
            for name, text in (("need", row.need), ("change", row.change)):
                if text:
                    click.echo(f"{'':<8}{name:>22}: {text}")
