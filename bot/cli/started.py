"""Settings and parts for a command, their errors as one sentence for the operator."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot.config import Settings, SettingsWrong, read_settings
from bot.conversation.problems import FlowBroken
from bot.demo_defaults import complete
from bot.ports import IISUnavailable
from bot.store.embedded import RedisDidNotStart


@contextmanager
def in_words() -> Iterator[None]:
    """What the operator can mend is said without a traceback."""
    try:
        yield
    except (SettingsWrong, FlowBroken, RedisDidNotStart, IISUnavailable) as error:
        raise click.ClickException(f"vaxtext cannot start:\n{error}") from None


def settings_or_exit() -> Settings:
    """The settings as given."""
    with in_words():
        return read_settings()


def completed_settings() -> Settings:
    """The settings, in the demo with what it makes up."""
    settings = settings_or_exit()
    with in_words():
        return complete(settings) if settings.demo else settings
