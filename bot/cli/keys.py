"""`vaxtext keys ...`: signing keys and secrets."""

import click

from bot.cards.keys import list_keys, load_or_create
from bot.cli.started import completed_settings
from bot.demo_defaults import new_secret


@click.group()
def keys() -> None:
    """Signing keys and secrets."""


@keys.command("list")
def list_card_keys() -> None:
    """The keys that sign cards, oldest first; the last one signs."""
    folder = completed_settings().data_dir / "card_keys"
    load_or_create(folder)
    for key in list_keys(folder):
        click.echo(f"{key.created}  {key.kid}")


@keys.command()
def secret() -> None:
    """Print a new secret for LINK_PEPPER, or for a pair 'id:secret' of SECRET_KEYS."""
    click.echo(new_secret())
