"""A registry that may be slow or down: few questions at once, some tries each, and a rest after many failures."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tenacity import (
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_exception,
    wait_random_exponential,
)

from bot.iis.breaker import Breaker, LeftInPeace, Limit, State
from bot.iis.entry import Entry, OwnRefusals
from bot.iis.places import Places
from bot.ports import IIS, IISUnavailable, Refusals
from bot.records import Demographics, VaccineRecord


@dataclass(frozen=True, slots=True)
class Patience:
    """How a registry is asked. Times in seconds."""

    timeout: float = 5.0  # of one try, kept by the dialect, and of waiting for a place
    tries: int = 3  # of one question; none begins after twice the time-out
    places: int = 8  # questions under way at once, in one process
    failures: Limit = Limit(10, rest=15)  # noqa: RUF009 - frozen
    refusals: Limit = Limit(2, rest=600)  # noqa: RUF009 - fewer than the five in a quarter of an hour that lock a user


class ResilientIIS:
    """Any dialect, asked with patience. Keeps the promise of `ports.IIS`; safe to share between threads.

    That the registry refuses us, whoever is asked for, is IISUnavailable here: the request is kept for an operator.
    """

    def __init__(
        self,
        iis: IIS,
        patience: Patience,
        refusals: Refusals | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`refusals`: what all processes know together of how it lets us in; without it, this one by itself."""
        self._iis = iis
        self._places = Places(patience.places, patience.timeout)
        self._entry = Entry(refusals or OwnRefusals(now), patience.refusals)
        self._breaker = Breaker(patience.failures, now)
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
        with self._places.one():
            self._iis.ping()

    def close(self) -> None:
        self._iis.close()

    @property
    def state(self) -> State:
        """Whether it is asked, or left in peace after many failures."""
        return self._breaker.state

    def _try(self, who: Demographics) -> VaccineRecord | None:
        with self._places.question(), self._entry.question(), self._breaker.question():
            return self._iis.find(who)

    def _may_try_again(self, error: BaseException) -> bool:
        """Where it rests because it said for how long, by whoever was told so."""
        if not isinstance(error, IISUnavailable) or isinstance(error, LeftInPeace):
            return False
        return self.state is State.CLOSED or error.retry_after is not None


def _asked_for(error: BaseException) -> float:
    """The seconds in which the registry wants no other try."""
    return getattr(error, "retry_after", None) or 0.0
