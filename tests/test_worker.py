"""The worker over a real Redis: work is done at least once, faults are tried again, and nothing personal is left."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from conftest import ANA, Phone
from fakes.until import until

from bot.delivery.console import ConsoleDelivery
from bot.outbox.course import LEASE
from bot.outbox.delivery import Message, Report
from bot.ports import Carrier, DeliveryRefused, DeliveryUnavailable, IISUnavailable, Services, StoreUnavailable
from bot.records import Demographics, VaccineRecord
from bot.store.queue import QUEUE, DramatiqJobs
from bot.turn import Decided, drop_work, update
from bot.wiring import System, build_app, outbox_path
from bot.worker import Worker, start_worker

ASKED = ("Hi", "1", "Ana", "Reyes", "03/27/1985", "1", "AGREE", "4821", "1")
PERSONAL = ("no room", "Ana", "Reyes", "1985-03-27", "PIN 4821", "3605550100")
SORRY = "Sorry, we cannot look up records now."


class Broken(Exception):
    """A fault of ours, with what faults like to print."""

    def __init__(self) -> None:
        super().__init__("no room for Ana Reyes, born 1985-03-27, PIN 4821, +13605550100")


@dataclass
class Trouble:
    """Fails as often as it was told to before it lets a call through."""

    errors: list[Exception] = field(default_factory=list)
    calls: int = 0

    def pass_on(self) -> None:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)


@dataclass
class TroubledIIS:
    trouble: Trouble
    find_really: Callable[[Demographics], VaccineRecord | None]

    def find(self, who: Demographics) -> VaccineRecord | None:
        self.trouble.pass_on()
        return self.find_really(who)

    def ping(self) -> None:
        """It is there."""


@dataclass
class TroubledCarrier(ConsoleDelivery):
    trouble: Trouble
    carrier: Carrier

    def send(self, message: Message) -> Report:
        self.trouble.pass_on()
        return self.carrier.send(message)


@dataclass
class RealClock:
    """The clock of everybody, and some seconds more."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class Worked:
    """A worker on the real queue, whose registry and delivery can be troubled."""

    system: System
    services: Services
    phone: Phone
    registry: Trouble
    delivery: Trouble
    clock: RealClock
    worker: Worker | None = None

    def start(self) -> None:
        self.worker = start_worker(self.services, self.system.broker)

    def asked_long_ago(self, seconds: float) -> None:
        """What is texted from now on was asked for so long ago."""
        jobs = DramatiqJobs(self.system.broker, now=lambda: time.time() - seconds)
        self.services = replace(self.services, jobs=jobs)
        self.phone.client = build_app(replace(self.system, services=self.services)).test_client()

    def work_later(self, seconds: float) -> None:
        """What was asked for until now has waited so long when it is tried."""
        self.clock.ahead += seconds

    def finish(self) -> None:
        """Wait until queue and outbox are empty, delayed work and messages too."""
        self.system.broker.join(QUEUE, interval=10, timeout=15_000)
        until(lambda: not self.system.client.exists("vt:due"))

    def message(self) -> str:
        """The first message that was sent."""
        return str(until(self.phone.received)[0]["body"])

    def delayed(self) -> dict[str, object]:
        """The message of the one piece of work that waits to be run again, as Redis holds it."""
        held = until(lambda: self.system.client.hgetall("{dramatiq}:work.DQ.msgs"))
        (message,) = held.values()
        read: dict[str, object] = json.loads(message)
        return read

    def dead(self) -> int:
        return int(self.system.client.hlen("{dramatiq}:work.XQ.msgs"))


@pytest.fixture
def worked(system: System) -> Iterator[Worked]:
    registry, delivery, clock = Trouble(), Trouble(), RealClock()
    services = replace(
        system.services,
        now=clock,
        jobs=DramatiqJobs(system.broker),
        iis=TroubledIIS(registry, system.services.iis.find),
        carrier=TroubledCarrier(delivery, system.services.carrier),
    )
    client = build_app(replace(system, services=services)).test_client()
    worked = Worked(system, services, Phone(client, outbox_path(system.settings)), registry, delivery, clock)
    yield worked
    if worked.worker:
        worked.worker.stop(5)


def test_a_resident_gets_one_link(worked: Worked) -> None:
    worked.start()

    worked.phone.text(*ASKED)

    assert "/r/" in worked.message()
    worked.finish()
    assert len(worked.phone.received()) == 1


def test_an_unavailable_registry_is_asked_again(worked: Worked) -> None:
    worked.registry.errors.append(IISUnavailable())
    worked.phone.text(*ASKED)

    worked.start()

    assert "/r/" in worked.message()
    assert worked.registry.calls == 2


def test_a_registry_that_is_away_for_a_minute_is_said_to_be_and_the_request_stays_in_the_queue(worked: Worked) -> None:
    worked.registry.errors.append(IISUnavailable())
    worked.phone.text(*ASKED)
    worked.work_later(70)

    worked.start()

    assert worked.message().startswith("The vaccine registry does not answer right now.")
    assert worked.delayed()["actor_name"] == "run_work"
    session = worked.services.sessions.load(worked.services.sessions.key(ANA)).session
    assert session
    assert session.awaited


def test_a_registry_that_is_away_for_an_hour_is_given_up(worked: Worked) -> None:
    worked.registry.errors.append(IISUnavailable())
    worked.phone.text(*ASKED)
    worked.work_later(3600)

    worked.start()

    assert worked.message().startswith(SORRY)
    worked.finish()
    assert (len(worked.phone.received()), worked.registry.calls, worked.dead()) == (1, 1, 0)


def test_what_a_carrier_does_not_take_is_sent_again_and_the_resident_gets_one_link(worked: Worked) -> None:
    worked.delivery.errors.append(DeliveryUnavailable("20429"))
    worked.phone.text(*ASKED)

    worked.start()

    assert "/r/" in worked.message()
    worked.finish()
    assert (worked.registry.calls, worked.delivery.calls, worked.dead()) == (1, 2, 0)


@pytest.mark.parametrize("error", [StoreUnavailable(), Broken()], ids=["store", "a fault"])
def test_what_fails_while_sending_is_in_doubt_and_waits_before_it_is_sent_again(
    error: Exception, worked: Worked, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    worked.delivery.errors.append(error)
    worked.phone.text(*ASKED)
    worked.start()
    until(lambda: worked.delivery.calls)

    worked.work_later(LEASE + 1)

    assert "/r/" in worked.message()
    worked.finish()
    assert (worked.registry.calls, worked.delivery.calls, worked.dead()) == (1, 2, 0)
    printed = "".join((*capfd.readouterr(), caplog.text))
    assert [text for text in PERSONAL if text in printed] == []


@pytest.mark.parametrize("error", [Broken(), StoreUnavailable()], ids=["a fault", "store"])
def test_a_fault_leaves_nothing_personal_in_the_queue_or_the_log(
    error: Exception, worked: Worked, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    worked.registry.errors.append(error)
    worked.phone.text(*ASKED)

    worked.start()

    held = json.dumps(worked.delayed())
    assert "bot.worker" in held or "worker.py" in held  # Dramatiq keeps where it was raised, and that is all
    assert [text for text in (*PERSONAL, type(error).__name__) if text in held] == []
    printed = "".join((*capfd.readouterr(), caplog.text))
    assert type(error).__name__ in printed
    assert [text for text in PERSONAL if text in printed] == []


def test_what_can_never_arrive_is_not_tried_again(worked: Worked) -> None:
    worked.delivery.errors.append(DeliveryRefused("21610"))
    worked.phone.text(*ASKED)

    worked.start()
    worked.finish()

    assert (worked.delivery.calls, worked.phone.received(), worked.dead()) == (1, [], 0)


def test_work_that_its_session_does_not_hold_ends_quietly(worked: Worked) -> None:
    worked.asked_long_ago(11)
    worked.phone.text(*ASKED)
    forget_work(worked)

    worked.start()
    worked.finish()

    assert (worked.registry.calls, worked.phone.received(), worked.dead()) == (0, [], 0)


def test_work_whose_session_is_not_saved_yet_waits_for_it(worked: Worked) -> None:
    services = worked.services
    key = services.sessions.key(ANA)
    worked.phone.text(*ASKED)
    loaded = services.sessions.load(key)
    assert loaded.session
    worked.system.client.delete(key)

    worked.start()
    worked.delayed()  # tried once, found nothing
    services.sessions.save(key, loaded.session, services.sessions.load(key).stamp, 600)

    assert "/r/" in worked.message()


def test_while_a_fault_is_young_nobody_is_told(worked: Worked) -> None:
    worked.asked_long_ago(50)
    worked.registry.errors.append(Broken())
    worked.phone.text(*ASKED)

    worked.start()
    worked.delayed()

    assert worked.phone.received() == []


def test_when_patience_is_over_the_resident_hears_that_we_cannot(worked: Worked) -> None:
    worked.asked_long_ago(61)
    worked.registry.errors.append(Broken())
    worked.phone.text(*ASKED)

    worked.start()

    assert worked.message().startswith(SORRY)
    worked.finish()
    assert len(worked.phone.received()) == 1
    session = worked.services.sessions.load(worked.services.sessions.key(ANA)).session
    assert session
    assert (session.answers, session.work) == ({}, ())


def test_saying_that_we_cannot_is_tried_again_too(worked: Worked) -> None:
    worked.asked_long_ago(61)
    worked.registry.errors.append(Broken())
    worked.delivery.errors.append(DeliveryUnavailable("500"))
    worked.phone.text(*ASKED)

    worked.start()

    assert worked.message().startswith(SORRY)
    assert worked.delivery.calls == 2


def test_a_worker_that_is_stopped_lets_running_work_end(worked: Worked) -> None:
    worked.phone.text(*ASKED)
    worked.start()
    until(lambda: worked.registry.calls)

    assert worked.worker
    worked.worker.stop()

    assert "/r/" in worked.message()


def forget_work(worked: Worked) -> None:
    """Leave the job in the queue, and nothing of it in the session."""
    key = worked.services.sessions.key(ANA)
    session = worked.services.sessions.load(key).session
    assert session
    for work in session.work:
        update(worked.services, key, lambda session, work=work: Decided(drop_work(session, work.id), None))
