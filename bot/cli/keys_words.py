"""What the commands about keys share: the folder, refusals in words, and key ids that look like options."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bot.cards.keys.changes import CannotChange
from bot.cli.started import settings_so_far_or_exit

# One key id in 64 begins with "-": such a command has no short options, and takes what looks like one for an id.
KID: dict[str, Any] = {"ignore_unknown_options": True, "help_option_names": ["--help"]}


def key_folder() -> Path:
    return settings_so_far_or_exit().card_keys_folder


@contextmanager
def said_in_words() -> Iterator[None]:
    try:
        yield
    except (CannotChange, ValueError) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
