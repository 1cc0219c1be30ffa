"""Settings and parts for a command, their errors as one sentence for the operator."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import click
import redis

from bot.config import Settings, SettingsWrong, read_registry_settings, read_settings
from bot.conversation.problems import FlowBroken
from bot.demo_defaults import complete
from bot.ports import IISUnavailable, StoreUnavailable
from bot.store.connect import connect
from bot.store.embedded import EmbeddedRedis, RedisDidNotStart


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


def settings_so_far_or_exit() -> Settings:
    """What is given must be right, but what production needs may be missing yet."""
    with in_words():
        return read_settings(all_of_them=False)


def registry_settings() -> Settings:
    """What is needed to fill and try the registry; of the demo's, what it makes up."""
    with in_words():
        settings = read_registry_settings()
        return settings if settings.iis_url else complete(settings)


def completed_settings() -> Settings:
    """The settings, in the demo with what it makes up."""
    settings = settings_or_exit()
    with in_words():
        return complete(settings) if settings.demo else settings


def settings_of_trail() -> Settings:
    """What is needed to read the audit trail, and no more; in the demo what it makes up."""
    settings = settings_so_far_or_exit()
    with in_words():
        settings = complete(settings) if settings.demo else settings
    if missing := [name for name in ("AUDIT_URL", "AUDIT_KEYS") if not getattr(settings, name.lower())]:
        raise click.ClickException(f"{' and '.join(missing)}: missing; the audit trail can only be used with both.")
    return settings


@contextmanager
def redis_of(settings: Settings) -> Iterator[redis.Redis]:
    """The Redis that was given, or else the demo's own. One that does not answer is told in a sentence."""
    with ExitStack() as stack:
        url = settings.redis_url or stack.enter_context(EmbeddedRedis(settings.data_dir / "redis")).url
        client = connect(url)
        stack.callback(client.close)
        try:
            yield client
        except StoreUnavailable as error:
            raise click.ClickException(f"Redis did not answer ({error}). Check REDIS_URL.") from None


def ping(settings: Settings) -> None:
    """Before a process waits for Redis for ever: does the one that was given answer?"""
    client = connect(settings.redis_url)
    try:
        client.ping()
    except redis.RedisError as error:
        where = urlsplit(settings.redis_url)
        place = f"{where.hostname or where.path}:{where.port or 6379}"
        raise click.ClickException(f"REDIS_URL: nothing answers at {place} ({type(error).__name__})") from None
    finally:
        client.close()
