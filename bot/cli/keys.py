"""`vaxtext keys ...`: signing keys and secrets."""

import click

from bot.cards.keys import list_keys, new_key
from bot.cli.started import data_dir_or_exit
from bot.demo_defaults import new_secret


@click.group()
def keys() -> None:
    """Signing keys and secrets."""


@keys.command("list")
def list_card_keys() -> None:
    """The keys that sign cards, oldest first; the last one signs."""
    for key in list_keys(data_dir_or_exit() / "card_keys"):
        click.echo(f"{key.created:%Y-%m-%d %H:%M}  {key.kid}")


@keys.command("new")
def new_card_key() -> None:
    """Make a key that signs cards. Web and worker sign with it after their next start."""
    key = new_key(data_dir_or_exit() / "card_keys")
    click.echo(f"{key.created:%Y-%m-%d %H:%M}  {key.kid}")


@keys.command()
def secret() -> None:
    """Print a new secret for LINK_PEPPER, or for a pair 'id:secret' of SECRET_KEYS."""
    click.echo(new_secret())
