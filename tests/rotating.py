"""Processes with one Redis and other rings of keys, as in a rolling restart: the old ones do not know the new key."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256

import redis
from conftest import Phone

from bot.config import read_settings
from bot.delivery.console import ConsoleDelivery, Outbox
from bot.key_settings import RINGS
from bot.transcripts.app import RecordedJobs
from bot.wiring import System, build_app, build_system, outbox_path


@dataclass
class Process:
    """Web and worker with these keys, and a phone that texts this very process."""

    system: System
    phone: Phone
    jobs: RecordedJobs


def ring(name: str, order: str) -> str:
    """The setting with keys a, b, ..., each another in each ring."""
    return ",".join(f"{key_id}:{_key(name, key_id)}" for key_id in order)


def rings(order: str) -> dict[str, str]:
    return {name: ring(name, order) for name in RINGS}


@contextmanager
def process(like: System, order: str) -> Iterator[Process]:
    """Another one over the same Redis, registry and DATA_DIR, at the same time of day."""
    given = like.settings.model_dump(exclude_unset=True, exclude_none=True)
    given = {name: value for name, value in given.items() if value and not name.endswith("_file")}
    built = build_system(read_settings({**given, **rings(order)}))
    jobs = RecordedJobs()
    outbox = outbox_path(built.settings)
    carrier = Outbox(ConsoleDelivery(), outbox)
    jobs.services = replace(built.services, jobs=jobs, now=like.services.now, carrier=carrier, inboxes=())
    system = replace(built, services=jobs.services)
    try:
        yield Process(system, Phone(build_app(system).test_client(), outbox), jobs)
    finally:
        built.close()


def sessions(client: redis.Redis) -> list[str]:
    """The names under which there is a session, and no marker."""
    names = sorted(client.scan_iter("vt:s:*"))
    return [name.decode() for name in names if not (client.get(name) or b"").startswith(b">")]


def _key(name: str, key_id: str) -> str:
    return base64.b64encode(sha256(f"{name} {key_id}".encode()).digest()).decode()
