"""`vaxtext iis check`: try the configured registry, step by step, and say what is wrong in words."""

import sys
import time
from collections.abc import Callable
from datetime import datetime

import click

from bot.cli.started import in_words, registry_settings
from bot.iis.cleaning import email, phone
from bot.iis.opening import Dialect
from bot.iis.steps import Step
from bot.ports import IISRejected, IISUnavailable
from bot.records import Demographics, VaccineRecord
from bot.wiring import open_registry


@click.command()
@click.option("--first", help="First name of a person that the registry is known to hold.")
@click.option("--last", help="Last name.")
@click.option("--born", type=click.DateTime(["%Y-%m-%d"]), help="Birth date, as 1985-03-27.")
@click.option("--contact", help="Phone or email on the record.")
def check(first: str | None, last: str | None, born: datetime | None, contact: str | None) -> None:
    """Try the registry of IIS_URL step by step; with a known test person, also find her."""
    person = _person(first, last, born, contact)
    settings = registry_settings()
    with in_words():
        registry = open_registry(settings)
    try:
        well = _try_all([*registry.steps(), *([_finding(registry, person)] if person else [])])
    finally:
        registry.close()
    if not person:
        click.echo("To try a lookup too, name a test person: --first --last --born --contact")
    sys.exit(0 if well else 1)


def _person(first: str | None, last: str | None, born: datetime | None, contact: str | None) -> Demographics | None:
    if not (first or last or born or contact):
        return None
    if not (first and last and born and contact):
        raise click.UsageError("A test person needs all of --first, --last, --born and --contact.")
    found = email(contact) if "@" in contact else phone(contact)
    if not found:
        raise click.UsageError("--contact: write a phone with its area code, or an email.")
    return Demographics(first, last, born.date(), found)


def _try_all(steps: list[Step]) -> bool:
    """Stops at the first step that fails: those after it need it."""
    for step in steps:
        began = time.monotonic()
        well, sentence = _outcome(step.run)
        took = f"{(time.monotonic() - began) * 1000:.0f} ms"
        click.echo(f"{'ok' if well else 'FAILED':<7}{step.name:<14}{took:>8}  {sentence}")
        if not well:
            return False
    return True


def _outcome(run: Callable[[], str]) -> tuple[bool, str]:
    try:
        return True, run()
    except (IISUnavailable, IISRejected) as error:
        return False, str(error)


def _finding(registry: Dialect, person: Demographics) -> Step:
    return Step("test person", lambda: _found(registry.find(person)))


def _found(record: VaccineRecord | None) -> str:
    if record is None:
        raise IISRejected(
            "nobody was found. Is that contact on the record, with that birth date? docs/matching.md says what counts"
        )
    return f"found, with {len(record.immunizations)} doses."
