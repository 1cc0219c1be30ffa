"""A registry that may be slow or down: few questions at once, some tries each, and a rest after many failures."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore

from tenacity import (
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_exception,
    wait_random_exponential,
)

from bot.iis.breaker import Breaker, Limit, State
from bot.ports import IIS, IISUnavailable
from bot.records import Demographics, VaccineRecord


@dataclass(frozen=True, slots=True)
class Patience:
    """How a registry is asked. Times in seconds."""

    timeout: float = 5.0  # of one try, kept by the dialect, and of waiting for a place
    tries: int = 3  # of one question; none begins after twice the time-out
    places: int = 8  # questions under way at once, in one process
    failures: Limit = Limit(10, rest=15)  # noqa: RUF009 - frozen
    refusals: Limit = Limit(3, rest=600)  # noqa: RUF009 - fewer than the five in a quarter of an hour that lock a user


class ResilientIIS:
    """Any dialect, asked with patience. Keeps the promise of `ports.IIS`; safe to share between threads."""

    def __init__(self, iis: IIS, patience: Patience) -> None:
        self._iis, self._patience = iis, patience
        self._places = BoundedSemaphore(patience.places)
        self._breaker = Breaker(patience.failures, patience.refusals)
        self._retrying = Retrying(
            retry=retry_if_exception(self._may_try_again),
            stop=stop_after_attempt(patience.tries) | stop_before_delay(2 * patience.timeout),
            wait=wait_exception(_asked_for) + wait_random_exponential(multiplier=0.2, max=2),
            reraise=True,
        )

    def find(self, who: Demographics) -> VaccineRecord | None:
        return self._retrying.copy()(self._try, who)  # a copy: its statistics belong to one thread

    def ping(self) -> None:
        """One try, which counts for nothing: it may need no password, and so cannot say that a refusal is over."""
        with self._place():
            self._iis.ping()

    def close(self) -> None:
        self._iis.close()

    @property
    def state(self) -> State:
        """Whether it is asked, or left in peace after many failures."""
        return self._breaker.state

    def _try(self, who: Demographics) -> VaccineRecord | None:
        with self._place(), self._breaker.question():
            return self._iis.find(who)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=self._patience.timeout):
            raise IISUnavailable(f"all {self._patience.places} places of this process were taken")
        try:
            yield
        finally:
            self._places.release()

    def _may_try_again(self, error: BaseException) -> bool:
        return isinstance(error, IISUnavailable) and self.state is State.CLOSED


def _asked_for(error: BaseException) -> float:
    """The seconds in which the registry wants no other try."""
    return getattr(error, "retry_after", None) or 0.0
