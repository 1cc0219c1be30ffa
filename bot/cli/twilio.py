"""`vaxtext twilio ...`: whether Twilio is told what it must know, of every number of ours, and telling it."""

import sys
from collections.abc import Iterable, Sequence

import click

from bot.cli.rows import Section, show, show_and_exit
from bot.cli.started import settings_so_far_or_exit
from bot.cli.twilio_refusals import TwilioSaysNo
from bot.cli.twilio_rounds import Examined, Plan, go_round
from bot.config import Settings

NEEDED = ("PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM")


@click.group()
def twilio() -> None:
    """Compare and change what is configured at Twilio. Explained in docs/operators.md."""


@twilio.command()
def doctor() -> None:
    """Compare what is configured for every number of every account; exit status 1 if something is to be changed."""
    show_and_exit(list(go_round(_settings())))


@twilio.command()
@click.argument("only", nargs=-1, metavar="[NUMBER|ACCOUNT]...")
@click.option("--yes", is_flag=True, help="Do not ask.")
def configure(only: tuple[str, ...], yes: bool) -> None:
    """Set webhook, retries and fallback, after showing each change; then run the doctor.

    For all numbers of all accounts, or for those that are named.
    """
    settings = _settings()
    _check_names(settings, only)
    sections = list(go_round(settings, only))
    plans = _plans(sections)
    if not plans:
        click.echo("There is nothing that we could change.\n")
        show_and_exit(sections)
    for plan in plans:
        _show_plan(plan)
    if not yes:
        click.confirm("Change this at Twilio?", abort=True)
    changed = [_carry_out(plan) for plan in plans]
    well = show(list(go_round(settings, only)))
    sys.exit(0 if well and all(changed) else 1)


def _settings() -> Settings:
    settings = settings_so_far_or_exit()
    if missing := [name for name in NEEDED if not getattr(settings, name.lower())]:
        raise click.ClickException(f"Set {', '.join(missing)} first: .env.example says how.")
    try:
        _ = settings.accounts
    except ValueError as error:
        raise click.ClickException("\n".join(f"TWILIO_SENDERS: {line}" for line in str(error).splitlines())) from None
    return settings


def _check_names(settings: Settings, only: Sequence[str]) -> None:
    known = [name for account in settings.accounts for name in (account.sid, *account.senders)]
    if unknown := [name for name in only if name not in known]:
        raise click.UsageError(f"There is no {', '.join(unknown)} among ours: {', '.join(known)}")


def _plans(sections: Iterable[Section]) -> list[Plan]:
    """One for each place: several numbers may be in one messaging service."""
    found = [section.plan for section in sections if isinstance(section, Examined)]
    return list({plan.hooks.sid: plan for plan in found if plan}.values())


def _show_plan(plan: Plan) -> None:
    click.echo(f"In {plan.hooks.name} of account {plan.console.account.sid}:")
    for row in plan.rows:
        click.echo(f"  {row.what}: {row.found} -> {row.need}")
    if plan.numbers > 1:
        click.echo(f"  This is for all {plan.numbers} numbers of that service.")


def _carry_out(plan: Plan) -> bool:
    """Whether it was done. What one account refuses keeps no other waiting."""
    fields = {name: value for row in plan.rows for name, value in row.fix.items()}
    try:
        plan.console.change(plan.hooks, fields)
    except TwilioSaysNo as no:
        click.echo(f"In {plan.hooks.name}: Nothing was changed, as far as we know. {no}\n", err=True)
        return False
    return True
