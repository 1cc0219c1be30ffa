"""`vaxtext trust ...`: the issuers whose cards are believed besides our own."""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import click

from bot.cards.trust import DAY, Directory, Issuer, TrustBroken
from bot.cards.trust_file import open_trust_file
from bot.cli.fetch_issuer import WAIT, NotFetched, fetch_issuer
from bot.cli.started import settings_so_far_or_exit

AT_ONCE = 8  # issuers


@dataclass(frozen=True, slots=True)
class _Outcome:
    issuer: Issuer  # as it is to be written
    told: tuple[str, ...]  # lines
    away: bool = False


@click.group()
def trust() -> None:
    """The issuers whose cards are believed besides our own."""


@trust.command("list")
def list_issuers() -> None:
    """The issuers of TRUSTED_ISSUERS: how many keys and revocation lists are known of each, and since when."""
    path = settings_so_far_or_exit().trusted_issuers
    if not path:
        raise click.ClickException("TRUSTED_ISSUERS is not set: only our own cards are believed.")
    now, others = time.time(), _open(path)
    for issuer in others.participating_issuers:
        click.echo(f"{issuer.iss}  {issuer.name}: {_known(issuer)}{_age(issuer, now)}")
    if others.old(now):
        click.echo(f"Cards of an issuer that is TOO OLD cannot be checked: vaxtext trust update {path}", err=True)


@trust.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--timeout", default=WAIT, show_default=True, type=click.FloatRange(0.1, 60), help="Seconds for each wait."
)
def update(file: Path, timeout: float) -> None:
    """Fetch the keys and revocation lists of every issuer in FILE, and write them into it.

    FILE is JSON: {"participating_issuers": [{"iss": "https://...", "name": "..."}]}. An issuer that is away keeps
    what was known of it. Exit status 1 if any was away.
    """
    issuers = _open(file).participating_issuers
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda issuer: _update(issuer, timeout), issuers))
    _replace(file, Directory(participating_issuers=tuple(outcome.issuer for outcome in outcomes)))
    for line in (line for outcome in outcomes for line in outcome.told):
        click.echo(line)
    sys.exit(any(outcome.away for outcome in outcomes))


def _open(path: Path) -> Directory:
    try:
        return open_trust_file(path)
    except TrustBroken as error:
        raise click.ClickException(str(error)) from None


def _update(old: Issuer, timeout: float) -> _Outcome:
    try:
        fetched = fetch_issuer(old, timeout)
    except NotFetched as error:
        kept = f"what is known stays: {_known(old)}" if old.keys else "nothing is known of it yet"
        return _Outcome(old, (f"AWAY  {old.iss}: {error}; {kept}{_age(old, time.time())}",), away=True)
    left_out = (f"      left out: {problem}" for problem in fetched.left_out)
    return _Outcome(fetched.issuer, (f"ok    {old.iss}: {_known(fetched.issuer)}", *left_out))


def _replace(file: Path, directory: Directory) -> None:
    """Those who read it now see the old one whole or the new one whole."""
    draft = file.with_name(f"{file.name}.draft")
    try:
        with draft.open("w", encoding="utf-8") as new:
            new.write(directory.model_dump_json(indent=1, exclude_none=True))
            new.flush()
            os.fsync(new.fileno())
        draft.replace(file)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from None


def _known(issuer: Issuer) -> str:
    since = f" of {issuer.updated}" if issuer.updated else ""
    return f"{len(issuer.keys)} keys, {len(issuer.crls)} revocation lists{since}"


def _age(issuer: Issuer, now: float) -> str:
    """Behind what is known of it."""
    fetched = issuer.fetched_at
    if not issuer.keys:
        return ""
    old = "" if issuer.is_current(now) else ", TOO OLD to check cards with"
    if fetched is None or fetched > now + DAY:
        return f", fetched nobody knows when{old}"
    return f", {max(0, int((now - fetched) // DAY))} days old{old}"
