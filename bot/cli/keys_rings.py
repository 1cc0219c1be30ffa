"""`vaxtext keys new|rotate|retire|list` for the rings in settings, which we cannot write: it prints the line to set."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import click
import redis

from bot.cards.keys.changes import CannotChange
from bot.config import Settings
from bot.demo_defaults import new_secret
from bot.key_settings import RINGS, texts, write_ring
from bot.secret_files import SECRETS
from bot.store.connect import connect
from bot.store.sealed_by import count

KINDS = {
    "sessions": "secret_keys",
    "links": "link_pepper",
    "index": "index_keys",
    "logs": "log_keys",
    "audit": "audit_keys",
}
# Then nothing is left that a key sealed or named: all lives for a day, a message a bit more, a limit for a month, and
# a STOP for 400 days.
LIFE = {"sessions": "25 hours", "links": "25 hours", "index": "401 days", "logs": "25 hours", "audit": "six years"}
OTHERS = {
    "redis_url": "the password of Redis",
    "iis_url": "the registry's password",
    "audit_url": "the audit trail's password",
    "iis_private_key": "what signs for us at the registry",
    "iis_client_key": "what shows the registry who we are",
    "twilio_auth_token": "what Twilio and we know each other by",
    "twilio_senders": "the same of more accounts",
    "smtp_url": "the mail server's password",
    "funnel_password": "what staff open /staff/funnel with",
}


def with_next(settings: Settings, kind: str) -> None:
    """Print the ring with a new key behind the others: known to all before it seals."""
    name, keys = KINDS[kind], _keys(settings, kind)
    key_id = _new_id(keys)
    _print(settings, name, {**keys, key_id: new_secret()})
    if not keys:
        _say(f"{key_id} seals, for there is no other.")
        return
    _say(f"Step 1 of 3. {key_id} opens, and seals nothing yet: the others must know it first.")
    _say(f"Set it for every web and worker, and restart them. When none runs without it: vaxtext keys rotate {kind}")


def with_next_first(settings: Settings, kind: str) -> None:
    """Print the ring with its last key in front. Raises CannotChange."""
    name, keys = KINDS[kind], _keys(settings, kind)
    if len(keys) < 2:
        raise CannotChange(f"{name.upper()} holds no key that waits. Make it first: vaxtext keys new {kind}")
    former, latest = next(iter(keys)), list(keys)[-1]
    if _is_newer(former, latest):
        raise CannotChange(
            f"{former}, which seals, is newer than {latest}: this was done. Next: vaxtext keys retire {kind} {latest}"
        )
    _print(settings, name, {latest: keys[latest], **keys})
    _say(f"Step 2 of 3. {latest} seals from now on, and {former} opens what it sealed.")
    _say("Set it for every web and worker, and restart them. Old and new ones may run side by side.")
    _say(f"{LIFE[kind]} after the last of them: vaxtext keys retire {kind} {former}")


def without(settings: Settings, kind: str, key_id: str, *, leaked: bool) -> None:
    """Print the ring without a key that seals nothing any more. Raises CannotChange."""
    name, keys = KINDS[kind], _keys(settings, kind)
    if key_id not in keys:
        raise CannotChange(f"{name.upper()} holds no key {key_id}; it holds: {', '.join(keys) or 'none'}")
    if key_id == next(iter(keys)):
        raise CannotChange(f"{key_id} seals. Let another: vaxtext keys rotate {kind}")
    if not leaked:
        _refuse_what_is_used(settings, kind, key_id)
    _print(settings, name, {other: key for other, key in keys.items() if other != key_id})
    _say(f"Step 3 of 3. Set it for every web and worker, and destroy {key_id} wherever it is kept.")


def list_rings(settings: Settings) -> Iterator[str]:
    """Every ring and every other secret: what it is for, where it is set, and never what it is."""
    used = _used(settings)
    for kind, name in KINDS.items():
        if keys := texts(getattr(settings, name)):
            yield f"{kind}: {name.upper()}, {where(settings, name)}: {RINGS[name]}"
            yield from _lines(kind, list(keys), used.get(name) if used else None)
        else:
            yield f"{kind}: {name.upper()} is not set: {RINGS[name]}"
    for name, what in OTHERS.items():
        if getattr(settings, name):
            many = f"; {len(settings.auth_tokens)} at a time" if name == "twilio_auth_token" else ""
            yield f"{name.upper()}, {where(settings, name)}: {what}{many}"
    if used is None:
        yield "Redis cannot be asked now, so nobody knows what each key still seals."


def where(settings: Settings, name: str) -> str:
    file: Path | None = settings.file_of(name) if name in SECRETS else getattr(settings, name)
    return f"in the file {file}" if file else "in the environment or .env"


def _lines(kind: str, ids: list[str], used: Counter[str] | None) -> Iterator[str]:
    for key_id in ids:
        made = f", made {found:%Y-%m-%d}" if (found := _made(key_id)) else ""
        left = f"; {used[key_id]} values in Redis" if used is not None else ""
        done = used is not None and not used[key_id] and len(ids) > 1
        if key_id == ids[0]:
            yield f"  {key_id:16}  seals{made}{left}"
        elif key_id == ids[-1] and _is_newer(key_id, ids[0]):
            yield f"  {key_id:16}  next: only opens{made}{left}. When all processes know it: vaxtext keys rotate {kind}"
        else:
            yield f"  {key_id:16}  only opens{made}{left}" + (f". vaxtext keys retire {kind} {key_id}" if done else "")
    for unknown in sorted((used or Counter[str]()).keys() - set(ids)):
        yield f"  {unknown:16}  MISSING; {(used or Counter())[unknown]} values in Redis that nobody can open"


def _refuse_what_is_used(settings: Settings, kind: str, key_id: str) -> None:
    if kind == "logs":
        return
    if kind == "audit":
        raise CannotChange(
            f"rows of six years are found and checked by {key_id}; keep it so long. With --leaked it goes now."
        )
    if (used := _used(settings)) is None:
        raise CannotChange(f"Redis cannot be asked whether {key_id} is still used. With --leaked it goes all the same.")
    if left := used[KINDS[kind]][key_id]:
        raise CannotChange(
            f"{left} values in Redis still need {key_id}; {LIFE[kind]} after 'rotate' none do. "
            "With --leaked it goes now, and what it sealed is lost."
        )


def _used(settings: Settings) -> Mapping[str, Counter[str]] | None:
    if not settings.redis_url:
        return None
    client = connect(settings.redis_url)
    try:
        return count(client)
    except redis.RedisError:
        return None
    finally:
        client.close()


def _keys(settings: Settings, kind: str) -> dict[str, str]:
    return texts(getattr(settings, KINDS[kind]))


def _new_id(keys: Mapping[str, str]) -> str:
    """The day, and a letter for another one of that day."""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    made = (f"{today}{letter}" for letter in ("", *"bcdefghij"))
    return next(key_id for key_id in made if key_id not in keys)


def _is_newer(one: str, other: str) -> bool:
    """As far as their ids tell."""
    return bool(_made(one) and _made(other)) and one > other


def _made(key_id: str) -> date | None:
    """When a key was made, if its id tells."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)[b-j]?", key_id)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _print(settings: Settings, name: str, keys: Mapping[str, str]) -> None:
    """To standard output the value alone, so that it can go where it belongs without being looked at."""
    file = settings.file_of(name)
    click.echo(write_ring(keys) if file else f"{name.upper()}={write_ring(keys)}")
    _say(f"This is the new content of {file}." if file else f"This is the new line for {name.upper()}.")


def _say(text: str) -> None:
    click.echo(text, err=True)
