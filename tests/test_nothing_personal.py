"""Redis holds nothing in clear at any step, and the log holds nothing personal at all."""

import base64
import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import redis
import structlog
from conftest import Phone, RecordedJobs

from bot import config, records
from bot.conversation import events, session
from bot.ports import Services
from bot.store.queue import DramatiqJobs
from bot.wiring import System

STEPS = ("Hi", "1", "Tom", "Kowalski", "12/31/1977", "360-555-0112", "AGREE", "7391")
PERSONAL = ("Kowalski", "1977-12-31", "12/31/1977", "7391", "3605550111", "3605550112", "360-555-0112")


def spellings(text: str) -> Iterator[str]:
    yield text
    yield text.encode().hex()
    for offset in range(3):  # wherever the text begins in what was encoded
        encoded = base64.b64encode(b"x" * offset + text.encode()).decode()
        if len(inner := encoded[4 if offset else 0 : -4]) >= 6:
            yield inner
    yield quote(text, safe="")


def clear(held: str, personal: tuple[str, ...]) -> list[str]:
    return [text for text in personal if any(_stands_in(held, spelling) for spelling in spellings(text))]


def _stands_in(held: str, text: str) -> bool:
    """Four digits may come by chance inside a longer id or after the point of a number; a PIN stands by itself."""
    if len(text) > len("7391"):
        return text in held
    return bool(re.search(rf"(?<![0-9A-Za-z.]){re.escape(text)}(?![0-9A-Za-z])", held))


def test_redis_holds_nothing_in_clear_at_any_step(phone: Phone, jobs: RecordedJobs, system: System) -> None:
    phone.number = "+13605550111"
    real_queue = DramatiqJobs(system.broker)

    for step in STEPS:
        phone.text(step)
        assert clear(_dump(system.client), PERSONAL) == []
    (job,) = jobs.queued
    real_queue.enqueue(job[0], job[1])
    assert clear(_dump(system.client), PERSONAL) == []
    jobs.work()
    assert clear(_dump(system.client), PERSONAL) == []


def test_redis_holds_no_token_and_no_pin_of_a_link(phone: Phone, jobs: RecordedJobs, system: System) -> None:
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "AGREE", "4821", "1")
    jobs.work()
    token = str(phone.received()[0]["body"]).partition("/r/")[2].split()[0]

    assert len(token) == 26
    assert clear(_dump(system.client), (token, "Reyes", "1985-03-27", "4821", "3605550100", "EW0162")) == []


def test_even_with_our_keys_a_dump_holds_no_link_once_it_is_sent(
    phone: Phone, jobs: RecordedJobs, services: Services, system: System
) -> None:
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "AGREE", "4821", "1")
    jobs.work()
    token = str(phone.received()[0]["body"]).partition("/r/")[2].split()[0]

    keys = [key.decode() for key in system.client.scan_iter("vt:s:*")]
    held = b"".join(session.to_bytes() for key in keys if (session := services.sessions.load(key).session))

    assert keys
    assert token.encode() not in held
    assert b'"pin"' not in held


def test_the_log_holds_nothing_personal(phone: Phone, jobs: RecordedJobs) -> None:
    with structlog.testing.capture_logs() as logged:
        phone.number = "+13605550111"
        phone.text(*STEPS)
        jobs.work()
        phone.number = "+13605550100"
        phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "AGREE", "4821", "1")
        jobs.work()
        link = str(phone.received()[0]["body"]).partition("https://bot.example.org")[2].split()[0]
        phone.client.post(link, data={"pin": "1111"})
        phone.client.post(link, data={"pin": "4821"})
        phone.client.post("/twilio/sms", data={"Body": "Kowalski"})

    held = json.dumps(logged, default=str)
    events = {line["event"] for line in logged}
    assert events >= {"text", "lookup", "outcome", "link_sealed", "sent", "pin_wrong", "link_opened", "signature_wrong"}
    assert clear(held, (*PERSONAL, "Reyes", "1985-03-27", "4821", "3605550100", link.removeprefix("/r/"))) == []


@pytest.mark.parametrize("name", ["Session", "Work", "Answered", "Text", "Outcome", "Settings", "VaccineRecord"])
def test_what_holds_personal_data_does_not_print_itself(name: str) -> None:
    owner = next(module for module in (session, events, records, config) if hasattr(module, name))
    kind = getattr(owner, name)

    assert kind.__repr__ is not object.__repr__
    assert kind.__dict__.get("__repr__") is not None


def _dump(client: redis.Redis) -> str:
    """All keys and all values, as text; but for the flow files, which are everybody's."""
    keys = (key for key in client.scan_iter("*") if not key.startswith(b"vt:f:"))
    return "\n".join(f"{key!r} {_value(client, key)!r}" for key in keys)


def _value(client: redis.Redis, key: bytes) -> object:
    kind = client.type(key).decode()
    reads = {"string": client.get, "hash": client.hgetall, "set": client.smembers}
    if kind == "list":
        return client.lrange(key, 0, -1)
    if kind == "zset":
        return client.zrange(key, 0, -1, withscores=True)
    return reads[kind](key)
