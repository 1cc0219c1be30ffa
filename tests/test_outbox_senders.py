"""The sending threads: all that is due is sent once, by whichever thread, and nothing stops them but stop()."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from conftest import ANA, Clock
from fakes.around import Around
from fakes.carrier import Carrier
from fakes.until import until

from bot.conversation.session import Session
from bot.outbox.course import LEASE
from bot.outbox.delivery import Delivery, Message, Report, new_delivery
from bot.outbox.senders import Senders
from bot.ports import Services, StoreUnavailable
from bot.wiring import System


@dataclass
class Gate(Carrier):
    """Lets messages through when it is open; counts how many wait before it."""

    waiting: int = 0
    opened: threading.Event = field(default_factory=threading.Event)
    counting: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: Message) -> Report:
        with self.counting:
            self.waiting += 1
        self.opened.wait(15)
        with self.counting:
            self.waiting -= 1
            return super().send(message)


@dataclass
class Flaky(Around):
    """Deliveries in a Redis that is away for some claims."""

    away: int

    def claim(self, now: float, most: int) -> list[Delivery]:
        if self.away:
            self.away -= 1
            raise StoreUnavailable("TimeoutError")
        return self.real.claim(now, most)


@dataclass
class Sending:
    services: Services
    started: list[Senders] = field(default_factory=list)

    def post(self, count: int) -> None:
        now, key = self.services.now(), self.services.sessions.key(ANA)
        texts = (new_delivery(f"work{number}", "chat", Message(ANA, f"text {number}"), now) for number in range(count))
        self.services.sessions.save(key, Session(phone=ANA), b"", 60, post=list(texts))

    def start(self, carrier: Carrier, threads: int = 8, **others: object) -> Senders:
        senders = Senders(replace(self.services, carrier=carrier, **others), threads)
        senders.start()
        self.started.append(senders)
        return senders


@pytest.fixture
def sending(services: Services) -> Iterator[Sending]:
    sending = Sending(services)
    yield sending
    for senders in sending.started:
        senders.stop()
        assert senders.join(10)


def test_several_workers_send_every_message_once(sending: Sending, system: System) -> None:
    sending.post(150)
    carrier = Carrier()

    for _ in range(3):
        sending.start(carrier)

    until(lambda: not system.client.exists("vt:due"), 30)
    assert sorted(message.body for message in carrier.sent) == sorted(f"text {number}" for number in range(150))


def test_as_many_messages_are_under_way_as_there_are_threads_and_no_more_are_taken(
    sending: Sending, system: System, clock: Clock
) -> None:
    sending.post(20)
    gate = Gate()

    sending.start(gate, threads=4)

    until(lambda: gate.waiting == 4)
    assert len(sending.services.deliveries.claim(clock(), 99)) == 16  # left for others
    gate.opened.set()
    until(lambda: len(gate.sent) == 4)


def test_a_fault_ends_no_thread_and_its_message_comes_back(sending: Sending, clock: Clock) -> None:
    sending.post(3)
    carrier = Carrier([RuntimeError("no room for +13605550100")] * 3)
    sending.start(carrier, threads=1)
    until(lambda: not carrier.failures)

    clock.wait(LEASE)

    until(lambda: len(carrier.sent) == 3)
    assert carrier.questions == ["find"] * 3  # for nobody knows how far it came


def test_a_redis_that_was_away_is_used_again(sending: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.outbox.senders.PAUSE", 0.01)
    sending.post(1)
    carrier = Carrier()

    sending.start(carrier, deliveries=Flaky(sending.services.deliveries, away=3))

    until(lambda: carrier.sent)


def test_stopped_they_end_what_is_under_way_and_take_nothing_new(sending: Sending, clock: Clock) -> None:
    sending.post(10)
    gate = Gate()
    senders = sending.start(gate, threads=2)
    until(lambda: gate.waiting == 2)

    senders.stop()
    assert not senders.join(0.1)
    gate.opened.set()

    assert senders.join(10)
    assert len(gate.sent) <= 4  # two under way, and what the last look took
    assert len(sending.services.deliveries.claim(clock() + LEASE, 99)) == 10 - len(gate.sent)


def test_the_last_work_before_the_stop_gets_its_message_sent(sending: Sending) -> None:
    carrier = Carrier()
    senders = sending.start(carrier)

    sending.post(1)
    senders.stop()

    assert senders.join(10)
    assert len(carrier.sent) == 1
