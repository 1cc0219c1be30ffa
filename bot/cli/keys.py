"""`vaxtext keys ...`: the keys that sign cards, the lists of revoked cards, and secrets."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.cards.jwks import KEPT
from bot.cards.keys.changes import in_words, retired, rotated
from bot.cards.keys.folder import change, list_keys
from bot.cards.keys.key import CardKey, make_key
from bot.cards.keys.order import State, state
from bot.cli.keys_list import list_card_keys
from bot.cli.keys_revoke import revoke
from bot.cli.keys_words import KID, key_folder, said_in_words
from bot.demo_defaults import new_secret

PRINT = click.option("--print", "printed", is_flag=True, help="Print the key's file and write nothing: for a secret.")


@click.group()
def keys() -> None:
    """The keys that sign cards, revoked cards, and secrets. Explained in docs/card-keys.md."""


keys.add_command(list_card_keys)
keys.add_command(revoke)


@keys.command("new")
@PRINT
def new(printed: bool) -> None:
    """Make the next key: public at once, signs nothing yet.

    The first key of all signs at once. How to go on with the next one: 'vaxtext keys rotate'.
    """
    folder, now = key_folder(), datetime.now(UTC)
    with said_in_words():
        key = _make(folder, printed, lambda _: make_key(now))
        known = [*list_keys(folder), *([key] if printed else [])]
    if state(key, known, now) is State.SIGNS:
        _say(printed, f"{key.kid} signs: there is no other. Beside others it would wait for 'vaxtext keys rotate'.")
    else:
        _say(printed, f"{key.kid} is public as soon as it lies in the folder, and signs nothing yet.")
        _say(
            printed,
            f"Give readers time to learn of it, {KEPT // 60} minutes or better a week; then: vaxtext keys rotate",
        )


@keys.command()
@click.option(
    "--now", "at_once", is_flag=True, help="Do not wait until all readers know the key; some may refuse its cards."
)
@PRINT
def rotate(at_once: bool, printed: bool) -> None:
    """Let the next key sign.

    Web and worker take it up by themselves. Refused until every reader can know the key.
    """
    folder, now = key_folder(), datetime.now(UTC)
    with said_in_words():
        key = _make(folder, printed, lambda known: rotated(known, now, at_once=at_once))
    _say(printed, f"{key.kid} signs from {in_words(key.signs_from or now)} on.")
    _say(printed, "After that, erase the private half of the one before: 'vaxtext keys list' shows which.")


@keys.command(context_settings=KID)
@click.argument("kid")
@click.option("--leaked", is_flag=True, help="Its private half is in wrong hands: end all its cards as well.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@PRINT
def retire(kid: str, leaked: bool, yes: bool, printed: bool) -> None:
    """Erase the private half of a key that signs no more.

    Its cards stay valid; unless it --leaked, which ends them all.
    """
    folder, now = key_folder(), datetime.now(UTC)
    with said_in_words():
        retired(list_keys(folder), kid, now, leaked=leaked)  # refused before anybody is asked
        if not (yes or printed):
            click.confirm(_consequences(kid, leaked), abort=True)
        _make(folder, printed, lambda known: retired(known, kid, now, leaked=leaked))
    if printed:
        _say(printed, "Destroy the file that it replaces, wherever it lies.")
    else:
        _say(
            printed,
            f"{kid} is retired. {'Readers refuse its cards within the hour' if leaked else 'Its cards stay valid'}.",
        )


@keys.command()
def secret() -> None:
    """Print a new secret for LINK_PEPPER, or for a pair 'id:secret' of SECRET_KEYS."""
    click.echo(new_secret())


def _make(folder: Path, printed: bool, make: Callable[[list[CardKey]], CardKey]) -> CardKey:
    """Write the key that is made, or print it."""
    if not printed:
        return change(folder, make)
    key = make(list_keys(folder))
    click.echo(key.text())
    private = ", with a private key: it belongs nowhere else" if key.can_sign else ""
    click.echo(f"This is the file {key.kid}.jwk; put it where the keys come from{private}.", err=True)
    return key


def _say(printed: bool, text: str) -> None:
    """Beside a key that is printed, words go where they do not end up in its file."""
    click.echo(text, err=printed)


def _consequences(kid: str, leaked: bool) -> str:
    erased = f"The private half of {kid} will be erased from this disk, for ever. Destroy it in backups too.\n"
    if leaked:
        return (
            erased
            + "Its public half will be taken back: EVERY card that it signed ends, and people must ask again. Go on?"
        )
    return erased + "Its public half stays, so the cards that it signed stay valid. Go on?"
