"""A registry that may be slow or down: few questions at once, some tries each, and a rest after many failures."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import TypeVar

from circuitbreaker import CircuitBreaker
from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_after_delay, wait_random_exponential

from bot.ports import IIS, IISUnavailable
from bot.records import Demographics, VaccineRecord

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How a registry is asked. Times in seconds."""

    timeout: float = 5.0  # of one try, kept by the dialect, and of waiting for a place
    tries: int = 3  # of one question; none begins after twice the time-out
    places: int = 8  # questions under way at once, in one process
    failures: int = 10  # tries in a row that failed, after which it is left in peace
    rest: float = 15.0  # how long


class ResilientIIS:
    """Any dialect, asked with patience. Keeps the promise of `ports.IIS`; safe to share between threads."""

    def __init__(self, iis: IIS, patience: Patience) -> None:
        self._iis, self._patience = iis, patience
        self._places = BoundedSemaphore(patience.places)
        self._breaker = CircuitBreaker(patience.failures, patience.rest, IISUnavailable)
        self._retrying = Retrying(
            retry=retry_if_exception(self._may_try_again),
            stop=stop_after_attempt(patience.tries) | stop_after_delay(2 * patience.timeout),
            wait=wait_random_exponential(multiplier=0.2, max=2),
            reraise=True,
        )

    def find(self, who: Demographics) -> VaccineRecord | None:
        return self._ask(lambda: self._iis.find(who))

    def ping(self) -> None:
        self._ask(self._iis.ping)

    def close(self) -> None:
        self._iis.close()

    @property
    def resting(self) -> bool:
        """Whether it is left in peace after many failures."""
        return bool(self._breaker.opened)

    def _ask(self, question: Callable[[], T]) -> T:
        answer: T = self._retrying.copy()(self._try, question)  # a copy: its statistics belong to one thread
        return answer

    def _try(self, question: Callable[[], T]) -> T:
        if self.resting:
            seconds = self._breaker.open_remaining
            raise IISUnavailable(f"it failed {self._patience.failures} times in a row and rests for {seconds} s more")
        with self._place(), self._breaker:
            return question()

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=self._patience.timeout):
            raise IISUnavailable(f"all {self._patience.places} places of this process were taken")
        try:
            yield
        finally:
            self._places.release()

    def _may_try_again(self, error: BaseException) -> bool:
        return isinstance(error, IISUnavailable) and not self.resting
