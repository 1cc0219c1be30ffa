"""The worker's threads that send: one takes what is due from the outbox, the others attend to it."""

import threading
import time
from dataclasses import dataclass
from queue import SimpleQueue

import structlog

from bot.log import place_of
from bot.outbox.attending import attend
from bot.outbox.delivery import Delivery
from bot.ports import Services, StoreUnavailable

log = structlog.get_logger()

THREADS = 16  # a provider answers in 0.1 to 0.3 seconds
POLL = 0.2  # seconds between looks into an outbox with nothing due
PAUSE = 1.0  # seconds between looks while Redis is away


@dataclass
class Activity:
    """When something was last done, in seconds since 1970; 0: never yet."""

    at: float = 0.0

    def note(self) -> None:
        self.at = time.time()


class Senders:
    """`start()`; `stop()` ends the taking, and `join()` waits for what is under way."""

    def __init__(self, services: Services, threads: int = THREADS) -> None:
        self.services = services
        self.free = threads
        self.activity = Activity()
        self.work: SimpleQueue[Delivery | None] = SimpleQueue()
        self.changed = threading.Condition()
        self.stopped = threading.Event()
        names = [(f"sender-{number}", self._attend) for number in range(threads)]
        loops = [("outbox", self._take), *names]
        self.threads = [threading.Thread(target=loop, name=name, daemon=True) for name, loop in loops]

    @property
    def alive(self) -> bool:
        return all(thread.is_alive() for thread in self.threads)

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopped.set()
        with self.changed:
            self.changed.notify_all()

    def join(self, seconds: float) -> bool:
        """Whether all ended in time. What did not is found by the next worker."""
        deadline = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self.threads)

    def _take(self) -> None:
        """Until stopped, and then once more: the last work that ended may have left a message."""
        stopping = False
        while not stopping:
            stopping = self.stopped.is_set()
            self._hand_out(*self._claim())
        for _ in self.threads[1:]:
            self.work.put(None)

    def _claim(self) -> tuple[list[Delivery], float]:
        """As many as there are free threads, and how long to wait if there are none."""
        with self.changed:
            free = self.free
        try:
            return (self.services.deliveries.claim(self.services.now(), free) if free else []), POLL
        except StoreUnavailable as error:
            log.warning("outbox_unavailable", reason=str(error))
            return [], PAUSE

    def _hand_out(self, claimed: list[Delivery], pause: float) -> None:
        with self.changed:
            self.free -= len(claimed)
            for delivery in claimed:
                self.work.put(delivery)
            if not claimed and not self.stopped.is_set():
                self.changed.wait(pause)

    def _attend(self) -> None:
        while delivery := self.work.get():
            try:
                attend(self.services, delivery)
                self.activity.note()
            except StoreUnavailable as error:
                log.warning("delivery_delayed", delivery=delivery.id, reason=str(error))
            except Exception as error:  # noqa: BLE001 - the outermost edge: the delivery comes back by itself
                log.error("delivery_fault", delivery=delivery.id, kind=type(error).__name__, place=place_of(error))
            with self.changed:
                self.free += 1
                self.changed.notify()
