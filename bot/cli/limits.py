"""`vaxtext limits`: what is allowed how often, and how often somebody wanted more today."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import click
from rich.console import Console
from rich.table import Table

from bot.admitting import person
from bot.cli.audit_contact import contact_of
from bot.cli.started import completed_settings, in_words, redis_of
from bot.config import Settings
from bot.conversation.flow import Flow
from bot.flow_folder import open_flow
from bot.freeing import of_person, of_phone
from bot.limiting import link_to
from bot.limits.table import LIMITS
from bot.ports import Ask
from bot.records import E164
from bot.store.limits import RedisLimits
from bot.store.naming import Names
from bot.store.wrong_pins import LIMIT, RedisWrongPins

DATES = ("%Y-%m-%d", "%m/%d/%Y")


@dataclass(frozen=True, slots=True)
class Counted:
    """What Redis has counted."""

    limits: RedisLimits
    wrong_pins: RedisWrongPins


@click.command()
@click.option("--free", is_flag=True, help="Let somebody who was kept out begin anew, in place of the table.")
def limits(free: bool) -> None:
    """Each limit, its setting in limits.yaml, and how often it was reached today (UTC).

    --free asks for a phone, then for whom it asked (name and birth date), for the contact that a link was to go to, and
    for the id in the registry of a person whose links rest; all but the phone may be left out. Nothing of it is shown,
    logged or kept. What was counted for that phone begins anew, for that person asked by that phone, and for that
    contact; and links of that record, which rest after too many wrong_pins_in_a_row, open and are made again: whoever
    typed the wrong PINs has as many more. Not freed are guesses_at_one_person, which keeps nobody from her own record,
    openings_of_a_link and page_posts, which end by themselves, and a link after five wrong PINs: she asks for another.
    """
    settings = completed_settings()
    with in_words():
        flow = open_flow(settings.flow)
        if free:
            _free(settings, flow)
            return
        with _counted(settings, flow) as counted:
            reached, texts = counted.limits.reached(time.time()), counted.limits.texts()
    Console().print(_table(flow, reached))
    click.echo(f"Texts sent in the last hour, a picture as three: {texts}.")


def _free(settings: Settings, flow: Flow) -> None:
    asks = list(_kept_out(flow))
    record = _asked("Id in the registry of a person whose links rest (Enter: nobody's rest)", "").strip()
    with _counted(settings, flow) as counted:
        counted.limits.free(asks)
        rested = counted.wrong_pins.end_rest(record)
    click.echo("What was counted begins anew from now on.")
    if rested:
        click.echo("The links of that record rested. From now on they open, and new ones are made.")
    elif record:
        click.echo("No links rest under that id. Look whether it is the one that the registry has.")


def _kept_out(flow: Flow) -> Iterator[Ask]:
    """All is asked for, and not given on the command line, which others may read and a shell remembers."""
    phone = "".join(_asked("The phone that texts, such as +13605550100").split())
    if not E164.fullmatch(phone):
        raise click.ClickException("Write the phone with + and its country, such as +13605550100.")
    yield from of_phone(flow.allowed, phone)
    if first_name := _asked("First name of the person it asked for, as texted (Enter: nobody in particular)", ""):
        last_name = _asked("Last name, as texted")
        born: datetime = click.prompt("Birth date, such as 1985-03-27", hide_input=True, type=click.DateTime(DATES))
        yield from of_person(flow.allowed, phone, person(first_name, last_name, born.date().isoformat()))
    if contact := _asked("Phone or email that the link was to go to (Enter: the phone that texts)", ""):
        yield from link_to(flow.allowed, contact_of(contact, flow), phone)


def _asked(question: str, default: str | None = None) -> str:
    return str(click.prompt(question, default, hide_input=True, show_default=False))


@contextmanager
def _counted(settings: Settings, flow: Flow) -> Iterator[Counted]:
    with redis_of(settings) as client:
        names = Names(settings.ring("index_keys").derived("vaxtext index"))
        yield Counted(RedisLimits(client, names), RedisWrongPins(client, names, lambda: flow.allowed[LIMIT][0]))


def _table(flow: Flow, reached: Mapping[str, int]) -> Table:
    rows = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("Limit", "Allowed", "Reached today", "Counts", "For each", "Then"):
        rows.add_column(heading, no_wrap=heading in ("Limit", "Reached today"))
    for name, limit in LIMITS.items():
        allowed = "\n".join(map(str, flow.allowed[name]))
        rows.add_row(name, allowed, str(reached.get(name, 0)), limit.counts, limit.per, limit.then)
    return rows
