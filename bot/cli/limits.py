"""`vaxtext limits`: what is allowed how often, and how often somebody wanted more today."""

import time
from collections.abc import Callable, Mapping
from typing import TypeVar

import click
from rich.console import Console
from rich.table import Table

from bot.cli.started import completed_settings, in_words
from bot.config import Settings
from bot.conversation.flow import Flow
from bot.flow_folder import open_flow
from bot.limits.table import LIMITS
from bot.ports import StoreUnavailable
from bot.records import E164
from bot.store.connect import connect
from bot.store.embedded import EmbeddedRedis
from bot.store.limits import RedisLimits
from bot.store.naming import Names

T = TypeVar("T")


@click.command()
@click.option("--free", is_flag=True, help="Ask for a phone, and begin anew what was counted for it.")
def limits(free: bool) -> None:
    """Each limit, its setting in limits.yaml, and how often it was reached today (UTC)."""
    settings = completed_settings()
    with in_words():
        flow = open_flow(settings.flow)
        if free:
            phone = _phone()
            _with_redis(settings, lambda kept: kept.free(phone, flow.allowed))
            click.echo("Its requests and texts are counted anew from now on.")
            return
        now = time.time()
        reached, texts = _with_redis(settings, lambda kept: (kept.reached(now), kept.texts(now)))
    Console().print(_table(flow, reached))
    click.echo(f"Texts sent in the last hour, a picture as three: {texts}.")


def _phone() -> str:
    """Asked for, not given on the command line, which others may read and a shell remembers."""
    phone = "".join(click.prompt("The phone, such as +13605550100").split())
    if not E164.fullmatch(phone):
        raise click.ClickException("Write the phone with + and its country, such as +13605550100.")
    return phone


def _with_redis(settings: Settings, ask: Callable[[RedisLimits], T]) -> T:
    if settings.redis_url:
        return _ask(settings, settings.redis_url, ask)
    with EmbeddedRedis(settings.data_dir / "redis") as server:
        return _ask(settings, server.url, ask)


def _ask(settings: Settings, redis_url: str, ask: Callable[[RedisLimits], T]) -> T:
    client = connect(redis_url)
    try:
        return ask(RedisLimits(client, Names(settings.ring("index_keys").derived("vaxtext index"))))
    except StoreUnavailable as error:
        raise click.ClickException(f"Redis did not answer ({error}). Check REDIS_URL.") from None
    finally:
        client.close()


def _table(flow: Flow, reached: Mapping[str, int]) -> Table:
    rows = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("Limit", "Allowed", "Reached today", "Counts", "For each", "Then"):
        rows.add_column(heading, no_wrap=heading in ("Limit", "Reached today"))
    for name, limit in LIMITS.items():
        allowed = "\n".join(map(str, flow.allowed[name]))
        rows.add_row(name, allowed, str(reached.get(name, 0)), limit.counts, limit.per, limit.then)
    return rows
