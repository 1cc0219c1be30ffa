"""The worker: takes work from the queue and does it, at least once."""

import signal
import threading
import time

import dramatiq
import structlog
from dramatiq.brokers.redis import RedisBroker

from bot.jobs import PATIENCE, Again, give_up, run
from bot.log import place_of
from bot.ports import DeliveryUnavailable, Services, StoreUnavailable
from bot.store.queue import ACTOR, QUEUE

log = structlog.get_logger()

THREADS = 8
POLL = 200  # milliseconds between looks into an empty queue
DRAIN = 8_000  # milliseconds that running work gets to end; what is cut off runs again elsewhere


def start_worker(services: Services, broker: RedisBroker) -> dramatiq.Worker:
    """Start the threads and return; stop() ends them."""

    def run_work(key: str, work_id: str, queued_at: float) -> None:
        _run(services, key, work_id, queued_at)

    dramatiq.Actor(run_work, broker=broker, actor_name=ACTOR, queue_name=QUEUE, priority=0, options={})
    worker = dramatiq.Worker(broker, worker_threads=THREADS, worker_timeout=POLL)
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
    worker.stop(timeout=DRAIN)
    log.info("worker_stopped")


def _run(services: Services, key: str, work_id: str, queued_at: float) -> None:
    """Every error becomes a Retry without a cause: Dramatiq would keep a traceback in Redis."""
    try:
        run(services, key, work_id, queued_at)
    except Again as again:
        raise _later(again.delay) from None
    except (StoreUnavailable, DeliveryUnavailable) as error:
        log.warning("work_delayed", work=work_id, kind=type(error).__name__, reason=str(error))
        raise _later(_backoff(queued_at)) from None
    except Exception as error:  # noqa: BLE001 - the outermost edge: the resident must hear of it
        log.error("work_failed", work=work_id, kind=type(error).__name__, place=place_of(error))
        _after_fault(services, key, work_id, queued_at)


def _after_fault(services: Services, key: str, work_id: str, queued_at: float) -> None:
    """A fault of ours may pass; after a minute the resident hears that we cannot."""
    if time.time() - queued_at < PATIENCE:
        raise _later(_backoff(queued_at)) from None
    try:
        give_up(services, key, work_id)
    except Exception as error:  # noqa: BLE001 - what broke the work may break this too
        log.error("give_up_failed", work=work_id, kind=type(error).__name__, place=place_of(error))
        raise _later(_backoff(queued_at)) from None


def _backoff(queued_at: float) -> float:
    return min(2 + (time.time() - queued_at) / 2, 60)


def _later(seconds: float) -> dramatiq.errors.Retry:
    return dramatiq.errors.Retry(delay=int(seconds * 1000))
