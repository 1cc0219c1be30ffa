"""Whether a registry lets us in: after a refusal one question at a time tries it, then for long nobody does.

More tries would lock the account that all processes share, so what they know of it is theirs together (`Refusals`).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

import structlog

from bot.iis.breaker import LeftInPeace, Limit
from bot.ports import IISRefusesUs, IISRejected, IISUnavailable, Refusals, Refused, StoreUnavailable

LONGEST_TRY = 60.0  # seconds; one that has not ended by then never will, for its process was killed

log = structlog.get_logger()


class Entry:
    """Safe to share between threads. Any IISRejected but IISRefusesUs is about one question, so we were let in."""

    def __init__(self, refusals: Refusals, limit: Limit) -> None:
        self._refusals, self._limit = refusals, limit

    @contextmanager
    def question(self) -> Iterator[None]:
        """Around one try. Raises LeftInPeace for a refusal, and after it: whoever asks may wait for an operator.

        It never says when to come back, for an operator may mend what is wrong at any moment.
        """
        alone = self._enter()
        try:
            yield
        except IISRefusesUs as error:
            self._refused(str(error))
            raise LeftInPeace(str(error)) from None
        except IISRejected:
            self._let_in(alone)
            raise
        self._let_in(alone)

    def _enter(self) -> bool:
        """Whether this question tries alone."""
        with _remembered():
            refused = self._refusals.claim(LONGEST_TRY)
        if refused and not refused.may_try:
            raise LeftInPeace(f"the registry is left in peace, but for one question now and then: {refused.reason}")
        if refused:
            log.info("registry_probed")
        return refused is not None

    def _refused(self, reason: str) -> None:
        with _remembered():
            seconds = self._refusals.add(reason, times=self._limit.times, rest=self._limit.rest)
        log.error("registry_refuses_us", seconds=seconds, reason=reason)

    def _let_in(self, alone: bool) -> None:
        if alone:
            with _remembered():
                self._refusals.forget()
            log.info("registry_back")


class OwnRefusals:
    """What one process knows by itself."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._lock = now, Lock()
        self._times, self._until, self._reason = 0, 0.0, ""

    def claim(self, seconds: float) -> Refused | None:
        with self._lock:
            if not self._times:
                return None
            may_try = self._until <= self._now()
            if may_try:
                self._until = self._now() + seconds
            return Refused(self._reason, may_try)

    def add(self, reason: str, *, times: int, rest: float) -> float:
        with self._lock:
            self._times += 1
            self._reason = reason
            seconds = rest if self._times >= times else 0.0
            self._until = self._now() + seconds
            return seconds

    def forget(self) -> None:
        with self._lock:
            self._times = 0


@contextmanager
def _remembered() -> Iterator[None]:
    try:
        yield
    except StoreUnavailable as error:
        raise IISUnavailable(f"whether the registry lets us in is not known, for Redis is away ({error})") from None
