"""`vaxtext keys list`: what each key does, and what is to be done next."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import click
from babel.dates import format_timedelta

from bot.cards.crl import Crls
from bot.cards.keys.changes import KEPT_BY_READERS, in_words
from bot.cards.keys.folder import is_mounted, list_keys, readable_by_all
from bot.cards.keys.key import CardKey
from bot.cards.keys.order import State, signing, state, upcoming
from bot.cli.keys_rings import list_rings
from bot.cli.keys_words import said_in_words
from bot.cli.started import settings_so_far_or_exit

YEAR = timedelta(days=365)  # the specification asks for new keys at least annually


@click.command("list")
def list_card_keys() -> None:
    """The keys that sign cards, the oldest first, all other secrets, and what to do next. Never a key itself."""
    settings, now = settings_so_far_or_exit(), datetime.now(UTC)
    folder = settings.card_keys_folder
    with said_in_words():
        keys, crls = list_keys(folder), Crls(settings.crl_folder)
    for key in keys:
        age = format_timedelta(now - key.created, locale="en", threshold=1.5)
        click.echo(f"{key.kid}  {doing(key, keys, now)}")
        click.echo(f"{'':43}  made {key.created:%Y-%m-%d}, {age} old; {len(crls.of(key.kid)['rids'])} revoked")
    for step in next_steps(keys, now):
        click.echo(step)
    for path in readable_by_all(folder) if is_mounted(folder) else ():
        click.echo(f"Every user of this machine may read {path}: mount it with mode 0440.", err=True)
    for line in () if settings.demo else list_rings(settings):  # the demo makes its secrets up
        click.echo(line)
    for path in settings.open_to_all():
        click.echo(f"Every user of this machine may read {path}: mount it with mode 0440.", err=True)


def doing(key: CardKey, keys: Sequence[CardKey], now: datetime) -> str:
    """What this key does now, in words."""
    if key.leaked:
        return f"leaked: not public since {in_words(key.leaked)}, its cards are not valid"
    if key.retired:
        return f"retired {in_words(key.retired)}: its private half is erased, its cards stay valid"
    match state(key, keys, now):
        case State.SIGNS:
            return f"signs since {in_words(key.signs_from or key.created)}"
        case State.FORMER:
            return "published only: it signs no more, its cards stay valid"
    later = f"signs from {in_words(key.signs_from)} on" if key.signs_from else "signs nothing yet"
    return f"next: public since {in_words(key.public_since)}, {later}"


def next_steps(keys: Sequence[CardKey], now: datetime) -> Iterator[str]:
    """What the operator should do, and with which command."""
    signs, following = signing(keys, now), upcoming(keys, now)
    if signs is None:
        yield "No key can sign. Make one: vaxtext keys new"
    elif following and not following.signs_from:
        known = following.public_since + KEPT_BY_READERS
        when = "Readers know the next key." if known <= now else f"Readers know the next key at {in_words(known)}."
        yield f"{when} To let it sign: vaxtext keys rotate"
    elif following is None and now - signs.created > YEAR:
        yield "The key that signs is older than a year. Make the next one: vaxtext keys new"
    elif following is None:
        yield f"Make the next key before {signs.created + YEAR:%Y-%m-%d}: vaxtext keys new"
    for key in keys:
        if state(key, keys, now) is State.FORMER:
            yield f"The private half of a key that signs no more is still here. Erase it: vaxtext keys retire {key.kid}"
