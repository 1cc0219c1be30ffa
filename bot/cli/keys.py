"""`vaxtext keys ...`: the keys that sign cards, the lists of revoked cards, the rings in settings, and secrets."""

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
from bot.cli.keys_rings import KINDS, with_next, with_next_first, without
from bot.cli.keys_who import who
from bot.cli.keys_words import KID, key_folder, said_in_words
from bot.cli.started import settings_so_far_or_exit
from bot.demo_defaults import new_secret

PRINT = click.option("--print", "printed", is_flag=True, help="Print the key's file and write nothing: for a secret.")
CARDS = "cards"
KIND = click.argument("kind", type=click.Choice([CARDS, *KINDS]), default=CARDS)


@click.group()
def keys() -> None:
    """The keys that sign cards, revoked cards, and all other secrets. Explained in docs/keys.md."""


keys.add_command(list_card_keys)
keys.add_command(revoke)
keys.add_command(who)


@keys.command("new")
@KIND
@PRINT
def new(kind: str, printed: bool) -> None:
    """Make the next key. One for cards is public at once, and signs nothing yet.

    For sessions, links, index and logs: print the line to set, with the new key behind those that are there.

    The first key of all signs or seals at once. How to go on with the next one: 'vaxtext keys rotate'.
    """
    if kind != CARDS:
        with_next(settings_so_far_or_exit(), kind)
        return
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
@KIND
@PRINT
def rotate(kind: str, at_once: bool, printed: bool) -> None:
    """Let the next key sign or seal.

    For cards: web and worker take it up by themselves. Refused until every reader can know the key.
    For sessions, links, index and logs: print the line to set, with the next key in front.
    """
    if kind != CARDS:
        with said_in_words():
            with_next_first(settings_so_far_or_exit(), kind)
        return
    folder, now = key_folder(), datetime.now(UTC)
    with said_in_words():
        key = _make(folder, printed, lambda known: rotated(known, now, at_once=at_once))
    _say(printed, f"{key.kid} signs from {in_words(key.signs_from or now)} on.")
    _say(printed, "After that, erase the private half of the one before: 'vaxtext keys list' shows which.")


@keys.command(context_settings=KID)
@click.argument("kid")
@click.argument("key_id", required=False)
@click.option("--leaked", is_flag=True, help="It is in wrong hands: end all that it signed or sealed as well.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@PRINT
def retire(kid: str, key_id: str | None, leaked: bool, yes: bool, printed: bool) -> None:
    """Erase the private half of a key that signs no more.

    Its cards stay valid; unless it --leaked, which ends them all.

    'retire sessions ID' (links, index, logs): print the line to set, without a key that nothing in Redis needs.
    """
    if key_id is not None:
        if kid not in KINDS:
            raise click.UsageError(f"write one key id, or one of {', '.join(KINDS)} and the id of a key in it")
        with said_in_words():
            without(settings_so_far_or_exit(), kid, key_id, leaked=leaked)
        return
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
    """Print a new secret, such as FUNNEL_PASSWORD or a password of Redis, or a key for a pair 'id:key' of a ring."""
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
