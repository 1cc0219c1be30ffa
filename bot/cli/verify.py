"""`vaxtext verify`: whether a card holds, in the terminal. The page /verify does the same in a browser."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bot.cards.checking import check_card
from bot.cards.trust import Directory
from bot.cards.trust_file import TrustFile
from bot.cli.our_issuer import issuer_here, issuer_of
from bot.cli.started import settings_so_far_or_exit
from bot.cli.verify_given import CannotBeRead, given_cards
from bot.cli.verify_words import as_json, error_as_json, lines_of
from bot.config import Settings
from bot.conversation.vaccine_rows import VACCINES_FILE, read_rows
from bot.vaccines import Vaccines, packaged

CANNOT_BE_READ = 2


@click.command()
@click.argument("given", metavar="FILE|IMAGE|TEXT")
@click.option("--jwks", metavar="FILE|URL", help="Our keys from here, not from this machine.")
@click.option("--json", "in_json", is_flag=True, help="The result as JSON.")
def verify(given: str, jwks: str | None, in_json: bool) -> None:
    """Check the SMART Health Card in a .smart-health-card file, a picture (PNG, JPEG), a PDF or a text; - reads stdin.

    A text is that of a QR code (shc:/...), a link with one behind #, or a JWS. Cards are believed that we signed, or an
    issuer of TRUSTED_ISSUERS.
    Exit status: 0 every card is valid, 1 one is not, 2 there is no card to read.
    """
    with _never_as_invalid():
        settings = settings_so_far_or_exit()
        directory = _directory(settings, jwks)
    try:
        checked = [check_card(card, directory, time.time()) for card in given_cards(given)]
    except CannotBeRead as error:
        click.echo(error_as_json(str(error)) if in_json else f"CANNOT BE READ: {error}.")
        sys.exit(CANNOT_BE_READ)
    vaccines = _vaccines(settings.flow)
    lines = (line for card in checked for line in lines_of(card, vaccines))
    click.echo(as_json(checked, vaccines) if in_json else "\n".join(lines))
    sys.exit(not all(card.holds for card in checked))


@contextmanager
def _never_as_invalid() -> Iterator[None]:
    """What stops us has an exit status of its own, apart from a card that is not valid."""
    try:
        yield
    except click.ClickException as error:
        raise click.UsageError(error.message) from None


def _directory(settings: Settings, jwks: str | None) -> Directory:
    ours = issuer_of(jwks, settings) if jwks else issuer_here(settings)
    others = TrustFile(settings.trusted_issuers).directory()
    return others.with_ours(ours) if ours else others


def _vaccines(flow: Path) -> Vaccines:
    """With the names that staff have added, where their file can be read."""
    try:
        rows, _ = read_rows(VACCINES_FILE, (flow / VACCINES_FILE).read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        rows = ()
    return Vaccines({**packaged(), **{row.cvx: row.vaccine for row in rows}})
