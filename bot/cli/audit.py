"""`vaxtext audit`: what happened with a request, and whether the audit trail is whole."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from bot.audit.checking import check as check_chain
from bot.audit.schema import upgrade_trail
from bot.audit.trail import SqlTrail
from bot.audit.words import told
from bot.cards.reference import to_reference, to_rid
from bot.cli.audit_contact import contact_of
from bot.cli.started import settings_of_trail
from bot.config import Settings
from bot.flow_folder import open_flow
from bot.ports import TrailUnavailable
from bot.store.audit import audit_keys

NOTHING = "There is nothing about that in the audit trail. What happens is in it some seconds later."

EMPTY = (
    "The audit trail is empty. Before the first request that is right. Otherwise see whether AUDIT_URL here is that "
    "of the workers, or go back to a backup: rows are gone. A line of an earlier check (--against) would say so."
)


class AuditGroup(click.Group):
    """What is no command is a reference number: `vaxtext audit 7K3M-9QXTR-2VB8C`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group(cls=AuditGroup)
def audit() -> None:
    """Who asked for which record and what became of it: by REFERENCE number, or --phone.

    \b
    vaxtext audit 7K3M-9QXTR-2VB8C
    vaxtext audit --phone
    """


@audit.command(hidden=True)
@click.argument("reference", required=False)
@click.option("--phone", is_flag=True, help="Ask for a phone or email, on the terminal or by standard input.")
def show(reference: str | None, phone: bool) -> None:
    """What happened with the requests that led to the card with this REFERENCE number, or for a phone or email."""
    if phone == bool(reference):
        raise click.UsageError("Name the reference number of a card, or --phone.")
    settings = settings_of_trail()
    trail = open_trail(settings)
    if reference:
        with in_words():
            _tell(list(told(trail.about_reference(_as_shown(reference)))))
        return
    contact = contact_of(click.prompt("Phone or email", hide_input=True, err=True), open_flow(settings.flow))
    names = [key.pseudonym("contact", contact) for key in trail.keys]
    with in_words():
        _tell(list(told(trail.about_contact(contact), names)))


@audit.command()
@click.option("--against", metavar="ROW:CHAIN", multiple=True, help="What an earlier check said of its last row.")
def check(against: tuple[str, ...]) -> None:
    """See whether every row is there and as it was written."""
    known = dict(map(_seen, against))
    with in_words():
        found = check_chain(open_trail(settings_of_trail()), known)
    if found.wrong:
        raise click.ClickException(f"The audit trail is not whole: {found.wrong}.")
    if not found.rows:
        click.echo(EMPTY)
    else:
        click.echo(f"The audit trail is whole. Rows: {found.rows}.")
        click.echo(f"Keep this elsewhere, for the next check: --against {found.last}:{found.chain[:16]}")


@audit.command()
def upgrade() -> None:
    """Bring the table to what this program writes."""
    with in_words():
        upgrade_trail(settings_of_trail().audit_url)
    click.echo("The table is that which this program writes.")


@audit.command()
def purge() -> None:
    """Remove what is older than six years; a worker does it every hour, too."""
    with in_words():
        removed = open_trail(settings_of_trail()).purge(time.time())
    click.echo(f"Rows removed: {removed}.")


def open_trail(settings: Settings) -> SqlTrail:
    return SqlTrail(settings.audit_url, audit_keys(settings.ring("audit_keys")), makes_tables=settings.demo)


@contextmanager
def in_words() -> Iterator[None]:
    try:
        yield
    except TrailUnavailable as error:
        raise click.ClickException(f"AUDIT_URL: {error}") from None


def _as_shown(reference: str) -> str:
    """In its one spelling."""
    try:
        return to_reference(to_rid(reference))
    except ValueError as error:
        raise click.ClickException(str(error)) from None


def _seen(text: str) -> tuple[int, str]:
    row, colon, chain = text.partition(":")
    if not row.isdecimal() or not colon or len(chain) < 16:
        raise click.BadParameter("write ROW:CHAIN as the check before printed it", param_hint="--against")
    return int(row), chain


def _tell(lines: Sequence[str]) -> None:
    if not lines:
        raise click.ClickException(NOTHING)
    click.echo("\n".join(lines[1:]))
