"""The real app for transcripts: signed webhooks, a Redis and a registry of its own, a clock that can be moved."""

import itertools
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import redis
from flask import Flask

from bot.config import Settings, read_settings
from bot.conversation.flow import Flow
from bot.jobs import Again, give_up, run
from bot.outbox.attending import LONGEST_PAUSE, attend
from bot.outbox.delivery import Message, Report, Route
from bot.ports import IIS, DeliveryRefused, DeliveryUnavailable, IISUnavailable, Services
from bot.records import Demographics, VaccineRecord
from bot.store.embedded import EmbeddedRedis
from bot.transcripts.coverage import Watch
from bot.web.phone import post_webhook
from bot.wiring import System, build_app, build_system


@dataclass
class Clock:
    """A clock that is moved."""

    seconds: float = 1_795_000_000.0  # in November 2026

    def __call__(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class RecordedJobs:
    """Keeps what was enqueued, and does it when asked, as the worker would; then sends what is in the outbox."""

    services: Services | None = None
    queued: list[tuple[str, str, float]] = field(default_factory=list)

    def enqueue(self, session_key: str, work_id: str) -> None:
        assert self.services  # noqa: S101 - whoever builds it says whose jobs they are
        self.queued.append((session_key, work_id, self.services.now()))

    def work(self, rounds: int = 1) -> None:
        """Do all that is queued; what asks to be run again is left in the queue."""
        assert self.services  # noqa: S101
        for _ in range(rounds):
            waiting, self.queued = self.queued, []
            for job in waiting:
                try:
                    run(self.services, *job)
                except Again:
                    self.queued.append(job)
            self.send()

    def fault(self) -> None:
        """What the worker does in the end with work that breaks."""
        assert self.services  # noqa: S101
        waiting, self.queued = self.queued, []
        for key, work_id, _ in waiting:
            give_up(self.services, key, work_id)
        self.send()

    def send(self) -> None:
        """Attend to all that is due in the outbox or was put off, and then to what follows from that at once."""
        assert self.services  # noqa: S101
        ahead = LONGEST_PAUSE
        while due := self.services.deliveries.claim(self.services.now() + ahead, 1000):
            for delivery in due:
                attend(self.services, delivery)
            ahead = 0


@dataclass
class SwitchedIIS:
    """A registry that can be switched off."""

    iis: IIS
    down: bool = False

    def find(self, who: Demographics) -> VaccineRecord | None:
        self.ping()
        return self.iis.find(who)

    def ping(self) -> None:
        if self.down:
            raise IISUnavailable("switched off")

    def close(self) -> None:
        self.iis.close()


@dataclass
class RecordedDelivery:
    """A carrier that keeps what it was given; it can be away, refuse one message, or not say what becomes of them."""

    state: str = "up"
    messages: list[Message] = field(default_factory=list)

    def route(self, message: Message, *, booked: str = "", tried: str = "") -> Route:
        return Route()

    def send(self, message: Message) -> Report:
        if self.state == "down":
            raise DeliveryUnavailable("switched off")
        if self.state == "failed":
            self.state = "up"
            raise DeliveryRefused("30006")  # Twilio's code for a landline
        self.messages.append(message)
        state = "accepted" if self.state == "unconfirmed" else "delivered"
        return Report(state, f"recorded-{len(self.messages)}")

    def find(self, message: Message, *, since: float, known: Collection[str]) -> None:
        """Nothing that it was given is in doubt."""

    def status(self, message: Message, provider_id: str) -> None:
        """It says no more than it said."""


@dataclass(frozen=True, slots=True)
class FixedFlow:
    """The flow as it was read once."""

    flow: Flow

    def current(self) -> Flow:
        return self.flow

    def older(self, structure: str) -> None:
        return None

    def problems(self) -> int:
        return 0


@dataclass
class App:
    """All of vaxtext, and one phone that texts it. A `Bot` that transcripts are held against."""

    flask: Flask
    redis: redis.Redis
    flow: Flow
    jobs: RecordedJobs
    clock: Clock
    iis: SwitchedIIS
    carrier: RecordedDelivery
    watch: Watch
    phone: str = ""  # E.164
    sids: Iterator[int] = field(default_factory=itertools.count)
    last: tuple[str, str, bool] = ("", "", False)

    def begin(self, phone: str) -> None:
        """As if nobody had ever texted."""
        self.redis.flushall()
        self.phone, self.clock.seconds = phone, Clock.seconds
        self.jobs.queued.clear()
        self.carrier.messages.clear()
        self.carrier.state, self.iis.down = "up", False

    def text(self, body: str, *, media: bool = False) -> str | None:
        self.last = (body, self._sid(), media)
        return self.repeat()

    def together(self, bodies: Sequence[str]) -> list[str | None]:
        with ThreadPoolExecutor(len(bodies)) as threads:
            return list(threads.map(self._post, bodies, [self._sid() for _ in bodies]))

    def repeat(self) -> str | None:
        return self._post(*self.last)

    def wait(self, seconds: int) -> None:
        self.clock.wait(seconds)

    def work(self) -> None:
        self.jobs.work()

    def fault(self) -> None:
        self.jobs.fault()

    def registry(self, state: str) -> None:
        self.iis.down = state == "down"

    def delivery(self, state: str) -> None:
        self.carrier.state = state

    def sent(self) -> list[tuple[str, str]]:
        return [(message.to, message.body) for message in self.carrier.messages]

    def _sid(self) -> str:
        return f"SM{next(self.sids):032x}"

    def _post(self, body: str, sid: str, media: bool = False) -> str | None:
        with self.flask.app_context():
            return post_webhook(self.phone, body, sid=sid, media=media)


@contextmanager
def open_app(folder: Path) -> Iterator[App]:
    """The app with the flow in `folder`. Raises FlowBroken or RedisDidNotStart, whose texts are for the operator."""
    with settings_of_its_own(folder) as settings:
        system = build_system(settings)
        try:
            yield app_of(system, RecordedJobs(), Clock(), RecordedDelivery())
        finally:
            system.close()


@contextmanager
def settings_of_its_own(folder: Path) -> Iterator[Settings]:
    """With the flow in `folder`, and with a Redis and a registry that end with them.

    Nothing of the environment gets in: not the operator's Redis, which `begin` would empty, nor his Twilio.
    """
    with TemporaryDirectory(prefix="vaxtext-") as name, EmbeddedRedis(Path(name) / "redis") as server:
        fields = Settings.model_fields.items()
        blank = {key: "" for key, known in fields if known.annotation is str or known.default is None}
        given = {"environment": "demo", "port": 8000, "flow": folder, "data_dir": Path(name), "redis_url": server.url}
        yield read_settings({**blank, **given})


def app_of(system: System, jobs: RecordedJobs, clock: Clock, carrier: RecordedDelivery) -> App:
    """The system with these for its queue, time and carrier, and with its registry behind a switch."""
    flow, iis, watch = system.services.flow, SwitchedIIS(system.services.iis), Watch()
    watch.follow(flow.machine)
    jobs.services = replace(system.services, flows=FixedFlow(flow), jobs=jobs, now=clock, iis=iis, carrier=carrier)
    flask = build_app(replace(system, services=jobs.services))
    return App(flask, system.client, flow, jobs, clock, iis, carrier, watch)
