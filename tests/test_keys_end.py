"""Everything that we keep in Redis has an end: by its own life, or as a member of a set that the worker sweeps."""

from dataclasses import replace

import pytest
import redis
from conftest import ANA, Clock, Phone, RecordedJobs
from fakes.carrier import Carrier
from flask.testing import FlaskClient

from bot.audit.draining import drain
from bot.erasing import erase_due
from bot.iis.demo_people import demo_people
from bot.outbox.delivery import LIFE
from bot.sweeping import sweep
from bot.turn import PAUSE
from bot.wiring import System

# These have no life of their own. vt:due holds ids of open deliveries: each is looked at by the end of its day and is
# then gone. vt:deadlines holds conversations that go on: each is ended by the sweeper after its last text. vt:a holds
# what is still to be written into the audit trail, vt:e what is still to be erased at Twilio, for a day at most.
SWEPT = {b"vt:due", b"vt:deadlines", b"vt:a", b"vt:e", b"vt:e:since"}
STOP_DAYS, DAYS = 400, 90  # for who said STOP; for flow files, which are nobody's


@pytest.fixture
def more_settings() -> dict[str, object]:
    return {"twilio_delete": "inbound,outbound,media"}


class Gone:
    """Twilio has nothing of it any more."""

    def erase(self, kind: str, sid: str) -> None: ...


def endless(client: redis.Redis) -> set[bytes]:
    return {key for key in client.scan_iter("*") if client.ttl(key) < 0}


def use_everything(phone: Phone, jobs: RecordedJobs, client: FlaskClient) -> None:
    """A link, a picture, another contact, nobody found, a request that waits, a page opened, a PIN that is wrong."""
    ways = {"ana": ("1", "1", "4821", "1"), "jose": ("1", "1", "4821", "picture"), "tom": ("360-555-0112", "1", "4821")}
    for person in demo_people():
        if person.key in ways:
            phone.number = person.phone
            born = f"{person.record.birth_date:%B %d %Y}"
            phone.text("Hi", "1", " ".join(person.record.given), person.record.family, born, *ways[person.key])
    jobs.work()
    phone.number = ANA
    token = str(phone.received()[0]["body"]).partition("/r/")[2].split()[0]
    for pin in ("1111", "4821"):
        client.post(f"/r/{token}", data={"pin": pin})
    phone.text("1", "No", "Body", "3/27/1985", "1", "4821", "1")
    replace(phone, number="+13605550188").text("STOP")


def test_every_key_has_an_end(phone: Phone, jobs: RecordedJobs, client: FlaskClient, system: System) -> None:
    use_everything(phone, jobs, client)

    assert endless(system.client) <= SWEPT
    assert {key.split(b":")[1] for key in system.client.scan_iter("vt:*")} >= {
        b"s",
        b"d",
        b"l",
        b"m",
        b"{limits}",
        b"f",
        b"o",
    }
    for key in system.client.scan_iter("*"):
        assert system.client.ttl(key) <= (STOP_DAYS if key.startswith(b"vt:o:") else DAYS) * 86_400


def test_the_sets_without_an_end_are_empty_when_all_is_over(
    phone: Phone, jobs: RecordedJobs, client: FlaskClient, system: System, clock: Clock
) -> None:
    use_everything(phone, jobs, client)
    jobs.services = replace(system.services, carrier=Carrier(state="accepted"))
    phone.text("RESTART", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1")
    jobs.work()
    assert endless(system.client) == SWEPT  # a conversation goes on, and a message is not confirmed

    clock.wait(LIFE)
    sweep(jobs.services)
    jobs.send()
    drain(jobs.services)
    clock.wait(PAUSE)
    while erase_due(replace(jobs.services, eraser=Gone())):
        continue

    assert endless(system.client) == set()
