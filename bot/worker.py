"""The worker: does the work in the queue, sends what is in the outbox, ends conversations, finds lost texts, writes the
audit trail, and erases at Twilio what need not stay there."""

import contextlib
import secrets
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import dramatiq
import structlog
from dramatiq.brokers.redis import RedisBroker

from bot.audit.draining import drain, purge
from bot.erasing import erase_due
from bot.inbound.round import sweep_inbox
from bot.jobs import PATIENCE, Again, give_up, run
from bot.log import place_of
from bot.loops import Loop
from bot.metrics import counters
from bot.outbox.senders import Activity, Senders
from bot.ports import Beat, InboxUnavailable, Services, StoreUnavailable
from bot.store.queue import ACTOR, QUEUE
from bot.sweeping import sweep
from bot.worker_door import tell_health

log = structlog.get_logger()

THREADS = 8
POLL = 200  # milliseconds between looks into an empty queue
LOOK = 10.0  # seconds between looks whether it is time to read the carrier's list
SWEEP = 5.0  # seconds between looks for conversations that are over, and between beats
AUDIT = 2.0  # seconds between looks for what is to go into the audit trail
PURGE = 3600.0  # seconds between looks for what is too old to stay in it
ERASE = 5.0  # seconds between looks for what is to be erased at Twilio
STUCK = 60.0  # seconds without such a look after which this worker is no longer alive
STUCK_LONG = 900.0  # the same for the others, whose rounds wait for a carrier or a database
DRAIN = 8.0  # seconds that work and messages under way get to end; what is cut off goes on elsewhere
LAST_MESSAGES = 2.0  # seconds of them that the messages have to themselves


@dataclass
class Worker:
    """Its threads. `stop` lets what is under way end, and takes nothing new."""

    services: Services
    queue: dramatiq.Worker
    senders: Senders
    jobs: Activity
    stopped: threading.Event = field(default_factory=threading.Event)
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    loops: dict[str, Loop] = field(init=False)

    def __post_init__(self) -> None:
        rounds = {"sweeper": self._sweep, "inbox": self._sweep_inbox, "audit": self._keep_audit, "eraser": self._erase}
        stuck = {"sweeper": STUCK}
        self.loops = {
            name: Loop(name, work, self.stopped, stuck.get(name, STUCK_LONG)) for name, work in rounds.items()
        }

    def start(self) -> None:
        self.queue.start()
        self.senders.start()
        for loop in self.loops.values():
            loop.start()

    def stop(self, seconds: float = DRAIN) -> None:
        deadline = time.monotonic() + seconds
        self.stopped.set()
        self.queue.stop(timeout=int((seconds - LAST_MESSAGES) * 1000))
        self.senders.stop()
        if not self.senders.join(deadline - time.monotonic()):
            log.warning("sending_cut_off")
        # The audit's may be in a transaction; one that is cut off is written again.
        self.loops["audit"].thread.join(max(0.0, deadline - time.monotonic()))
        with contextlib.suppress(StoreUnavailable):  # then we are forgotten in some minutes
            self.services.vitals.leave(self.name)

    @property
    def alive(self) -> bool:
        """Whether all its threads live and its loops make their rounds, with or without Redis."""
        workers = [*self.queue.consumers.values(), *self.queue.workers]
        return (
            self.senders.alive
            and all(loop.alive for loop in self.loops.values())
            and all(thread.is_alive() for thread in workers)
        )

    @property
    def worked_at(self) -> float:
        """When it last ended a piece of work or attended to a message, in seconds since 1970; 0: not yet."""
        return max(self.jobs.at, self.senders.activity.at)

    def beat(self) -> None:
        """Say that we are here, to whoever asks web or worker for their health."""
        registry = str(getattr(self.services.iis, "state", "closed"))
        counters.BREAKER.labels("registry").set(counters.BREAKER_STATES[registry])
        self.services.vitals.beat(self.name, Beat(self.services.now(), self.worked_at, registry))

    def _sweep(self, loop: Loop) -> None:
        while True:
            try:
                self.beat()
                while sweep(self.services) and not loop.over():  # however many conversations have ended
                    self.beat()
            except StoreUnavailable as error:
                log.warning("sweeper_delayed", reason=str(error))
            except Exception as error:  # noqa: BLE001 - the outermost edge: the next round is in some seconds
                log.error("sweeper_fault", kind=type(error).__name__, place=place_of(error))
            if loop.over(SWEEP):
                return

    def _sweep_inbox(self, loop: Loop) -> None:
        """Texts that never reached us. Whatever goes wrong, the next round finds them again."""
        while not loop.over(LOOK):
            try:
                sweep_inbox(self.services, loop.over)
            except (InboxUnavailable, StoreUnavailable) as error:
                log.warning("inbox_unavailable", kind=type(error).__name__, reason=str(error))
            except Exception as error:  # noqa: BLE001 - the outermost edge
                log.error("inbox_fault", kind=type(error).__name__, place=place_of(error))

    def _keep_audit(self, loop: Loop) -> None:
        """What waits is written, and what is six years old removed. Whatever goes wrong, it waits on in Redis."""
        purged = -PURGE
        while not loop.over(AUDIT):
            try:
                drain(self.services, loop.over)
                if time.monotonic() - purged >= PURGE:
                    purge(self.services)
                    purged = time.monotonic()
            except StoreUnavailable as error:
                log.warning("audit_unavailable", reason=str(error))
            except Exception as error:  # noqa: BLE001 - the outermost edge
                log.error("audit_fault", kind=type(error).__name__, place=place_of(error))

    def _erase(self, loop: Loop) -> None:
        while not loop.over(ERASE):
            try:
                while erase_due(self.services, loop.over):
                    continue
            except StoreUnavailable as error:
                log.warning("eraser_delayed", reason=str(error))
            except Exception as error:  # noqa: BLE001 - the outermost edge: they come back by themselves
                log.error("eraser_fault", kind=type(error).__name__, place=place_of(error))


def start_worker(services: Services, broker: RedisBroker) -> Worker:
    """Start the threads and return; stop() ends them."""

    jobs = Activity()

    def run_work(key: str, work_id: str, queued_at: float) -> None:
        _run(services, key, work_id, queued_at)
        jobs.note()

    dramatiq.Actor(run_work, broker=broker, actor_name=ACTOR, queue_name=QUEUE, priority=0, options={})
    queue = dramatiq.Worker(broker, worker_threads=THREADS, worker_timeout=POLL)
    worker = Worker(services, queue, Senders(services), jobs)
    worker.start()
    return worker


def work_until_stopped(
    services: Services, broker: RedisBroker, door: tuple[str, int, Path | None] | None = None
) -> None:
    """Work until SIGTERM or SIGINT, then let running work end. Needs the main thread.

    `door`: host and port on which health and metrics are told, and the certificate whose end they tell.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker = start_worker(services, broker)
    log.info("worker_ready", threads=THREADS)
    with tell_health(worker, *door) if door else contextlib.nullcontext():
        stop.wait()
        worker.stop()
    log.info("worker_stopped")


def _run(services: Services, key: str, work_id: str, queued_at: float) -> None:
    """Every error becomes a Retry without a cause: Dramatiq would keep a traceback in Redis."""
    try:
        run(services, key, work_id, queued_at)
    except Again as again:
        raise _later(again.delay) from None
    except StoreUnavailable as error:
        log.warning("work_delayed", work=work_id, kind=type(error).__name__, reason=str(error))
        raise _later(_backoff(services, queued_at)) from None
    except Exception as error:  # noqa: BLE001 - the outermost edge: the resident must hear of it
        log.error("work_failed", work=work_id, kind=type(error).__name__, place=place_of(error))
        _after_fault(services, key, work_id, queued_at)


def _after_fault(services: Services, key: str, work_id: str, queued_at: float) -> None:
    """A fault of ours may pass; after a minute the resident hears that we cannot."""
    if services.now() - queued_at < PATIENCE:
        raise _later(_backoff(services, queued_at)) from None
    try:
        give_up(services, key, work_id)
    except Exception as error:  # noqa: BLE001 - what broke the work may break this too
        log.error("give_up_failed", work=work_id, kind=type(error).__name__, place=place_of(error))
        raise _later(_backoff(services, queued_at)) from None


def _backoff(services: Services, queued_at: float) -> float:
    return min(2 + (services.now() - queued_at) / 2, 60)


def _later(seconds: float) -> dramatiq.errors.Retry:
    return dramatiq.errors.Retry(delay=int(seconds * 1000))
