"""The worker: does the work in the queue, sends what is in the outbox, ends conversations that are over."""

import signal
import threading
import time
from dataclasses import dataclass, field

import dramatiq
import structlog
from dramatiq.brokers.redis import RedisBroker

from bot.jobs import PATIENCE, Again, give_up, run
from bot.log import place_of
from bot.outbox.senders import Senders
from bot.ports import Services, StoreUnavailable
from bot.store.queue import ACTOR, QUEUE
from bot.sweeping import sweep

log = structlog.get_logger()

THREADS = 8
POLL = 200  # milliseconds between looks into an empty queue
SWEEP = 5.0  # seconds between looks for conversations that are over
DRAIN = 8.0  # seconds that work and messages under way get to end; what is cut off goes on elsewhere
LAST_MESSAGES = 2.0  # seconds of them that the messages have to themselves


@dataclass
class Worker:
    """Its threads. `stop` lets what is under way end, and takes nothing new."""

    services: Services
    queue: dramatiq.Worker
    senders: Senders
    stopped: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        self.queue.start()
        self.senders.start()
        threading.Thread(target=self._sweep, name="sweeper", daemon=True).start()

    def stop(self, seconds: float = DRAIN) -> None:
        deadline = time.monotonic() + seconds
        self.stopped.set()
        self.queue.stop(timeout=int((seconds - LAST_MESSAGES) * 1000))
        self.senders.stop()
        if not self.senders.join(deadline - time.monotonic()):
            log.warning("sending_cut_off")

    def _sweep(self) -> None:
        while not self.stopped.wait(SWEEP):
            try:
                while sweep(self.services) and not self.stopped.is_set():
                    continue
            except StoreUnavailable as error:
                log.warning("sweeper_delayed", reason=str(error))
            except Exception as error:  # noqa: BLE001 - the outermost edge: the next round is in some seconds
                log.error("sweeper_fault", kind=type(error).__name__, place=place_of(error))


def start_worker(services: Services, broker: RedisBroker) -> Worker:
    """Start the threads and return; stop() ends them."""

    def run_work(key: str, work_id: str, queued_at: float) -> None:
        _run(services, key, work_id, queued_at)

    dramatiq.Actor(run_work, broker=broker, actor_name=ACTOR, queue_name=QUEUE, priority=0, options={})
    queue = dramatiq.Worker(broker, worker_threads=THREADS, worker_timeout=POLL)
    worker = Worker(services, queue, Senders(services))
    worker.start()
    return worker


def work_until_stopped(services: Services, broker: RedisBroker) -> None:
    """Work until SIGTERM or SIGINT, then let running work end. Needs the main thread."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker = start_worker(services, broker)
    log.info("worker_ready", threads=THREADS)
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
