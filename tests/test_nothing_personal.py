"""Redis holds nothing in clear at any step, and the log holds nothing personal at all."""

import json
from datetime import date

import pytest
import structlog
from conftest import Phone, RecordedJobs
from redis_dump import dump
from seeded import contacts, dates
from spelling import clear

from bot import config, records
from bot.conversation import events, session
from bot.store.queue import DramatiqJobs
from bot.wiring import System

STEPS = ("Hi", "1", "Tom", "Kowalski", "12/31/1977", "360-555-0112", "AGREE", "7391")
PERSONAL = ("Kowalski", "7391", *dates(date(1977, 12, 31)), *contacts("+13605550111"), *contacts("+13605550112"))


def test_redis_holds_nothing_in_clear_at_any_step(phone: Phone, jobs: RecordedJobs, system: System) -> None:
    phone.number = "+13605550111"
    real_queue = DramatiqJobs(system.broker)

    for step in STEPS:
        phone.text(step)
        assert clear(dump(system.client), PERSONAL) == []
    (job,) = jobs.queued
    real_queue.enqueue(job[0], job[1])
    assert clear(dump(system.client), PERSONAL) == []
    jobs.work()
    assert clear(dump(system.client), PERSONAL) == []


def test_redis_holds_no_token_and_no_pin_of_a_link(phone: Phone, jobs: RecordedJobs, system: System) -> None:
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "AGREE", "4821", "1")
    jobs.work()
    token = str(phone.received()[0]["body"]).partition("/r/")[2].split()[0]

    assert len(token) == 26
    assert clear(dump(system.client), (token, "Reyes", "1985-03-27", "4821", "3605550100", "EW0162")) == []


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
