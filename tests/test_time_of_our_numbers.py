"""A number sends one segment a second. Who waits for it sees what others sent: nothing may depend on a record."""

import re
from dataclasses import dataclass, replace

import pytest
from conftest import Clock, Phone
from fakes.carrier import Carrier

from bot.conversation.gsm7 import segments
from bot.delivery.ways import Way, Ways
from bot.jobs.elsewhere import AS_LONG_AS_A_TOKEN
from bot.outbox.delivery import Message
from bot.store.healths import RedisHealths
from bot.store.timetable import RedisTimetable
from bot.transcripts.app import RecordedJobs
from bot.wiring import System

OURS, ATTACKER, SECOND = "+15555550101", "+13605550111", "+13605550199"
ON_RECORD, ON_NONE = "360-555-0112", "360-555-0190"
ENGLISH, CHINESE = "1", "3"


@dataclass
class Number:
    """Our only one, at one segment a second, and what went by it."""

    ways: Ways
    carrier: Carrier
    jobs: RecordedJobs
    phone: Phone
    clock: Clock

    def ask(self, contact: str, language: str = ENGLISH, last_name: str = "Kowalski") -> None:
        """All of a conversation about Tom, whose record goes to that contact or nowhere; then the work is done."""
        self.phone.number = ATTACKER
        self.phone.text("Hi", language, "Tom", last_name, "12/31/1977", contact, "1", "4821")
        self.jobs.work()

    def wait(self) -> float:
        """Seconds until it has time for a message to the second phone."""
        at = self.ways.route(Message(to=SECOND, body="We found no record.")).at
        return at - self.clock() if at else 0.0


@pytest.fixture
def number(system: System, jobs: RecordedJobs, phone: Phone, clock: Clock) -> Number:
    carrier = Carrier()
    way = Way(OURS, "AC" + "a" * 32, 100, 1.0, carrier)
    ways = Ways([way], RedisHealths(system.client, clock), RedisTimetable(system.client, clock))
    jobs.services = replace(system.services, carrier=ways)
    return Number(ways, carrier, jobs, phone, clock)


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_a_second_phone_waits_as_long_whether_or_not_a_link_was_sent(language: str, number: Number) -> None:
    number.ask(ON_RECORD, language)
    with_record = number.wait()
    number.clock.wait(3600)
    number.ask(ON_NONE, language)
    with_none = number.wait()

    (letter,) = number.carrier.sent
    assert with_record == with_none == segments(letter.body)
    assert len(re.findall(r"/r/(\w+)", letter.body)[0]) == len(AS_LONG_AS_A_TOKEN)


def test_nor_does_it_see_that_nobody_has_that_name(number: Number) -> None:
    waits = []
    for last_name in ("Kowalski", "Nobody"):
        number.clock.wait(3600)
        number.ask(ON_RECORD, last_name=last_name)
        waits.append(number.wait())

    assert len(set(waits)) == 1
    assert waits[0] > 1


def test_the_letter_itself_takes_no_more_time_than_was_taken_for_it(number: Number) -> None:
    number.wait()  # a message before it: so it is held, and comes back when its time has come
    number.ask(ON_RECORD)
    number.clock.wait(1)
    number.jobs.send()

    (letter,) = number.carrier.sent
    assert number.wait() == segments(letter.body)


def test_nor_does_it_see_that_her_phone_said_stop(number: Number) -> None:
    number.ask(ON_RECORD)
    waits = [number.wait()]
    number.clock.wait(3600)
    number.phone.number = "+13605550112"
    number.phone.text("STOP")
    number.ask(ON_RECORD)
    waits.append(number.wait())

    assert len(number.carrier.sent) == 1
    assert waits[0] == waits[1] > 1
