"""Leaves a registry in peace after many failures, or for as long as it asks; then one question, and only one, tries it.

PyPI `pybreaker` holds its lock during the whole of a call, so that eight threads would ask one after the other;
`circuitbreaker` lets all of them try at once.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

import structlog

from bot.ports import IISRejected, IISUnavailable

LONGEST_PROBE = 300.0  # seconds; a question that has not ended by then never will, for its thread was killed
LONGEST_REST = 600.0  # seconds, whatever a registry asks for

log = structlog.get_logger()


class State(StrEnum):
    CLOSED = "closed"  # it is asked
    OPEN = "open"  # it is left in peace
    HALF_OPEN = "half-open"  # one question tries whether it is back


@dataclass(frozen=True, slots=True)
class Limit:
    times: int  # in a row, with no answer in between
    rest: float  # seconds


class LeftInPeace(IISUnavailable):
    """It is not to be asked now, so that whoever asks must not try again at once."""


class Breaker:
    """Safe to share between threads. Only IISUnavailable is a failure: whatever else a registry says is an answer."""

    def __init__(self, failures: Limit, now: Callable[[], float] = time.monotonic) -> None:
        self._failures, self._now = failures, now
        self._lock = Lock()
        self._state, self._turns = State.CLOSED, 0
        self._failed = 0  # in a row
        self._ends, self._reason = 0.0, ""  # of the rest

    @property
    def state(self) -> State:
        """Open until somebody tries the registry, also when its rest is over."""
        return self._state

    @contextmanager
    def question(self) -> Iterator[None]:
        """Around one try. Raises LeftInPeace, with the reason and the seconds, while the registry rests."""
        turn = self._begin()
        try:
            yield
        except BaseException as error:
            self._end(turn, error)
            raise
        self._end(turn, None)

    def _begin(self) -> int:
        with self._lock:
            if self._state is not State.CLOSED:
                self._probe()
            return self._turns

    def _probe(self) -> None:
        """Whoever comes first after the rest; the others are told so."""
        left = self._ends - self._now()
        if left > 0 and self._state is State.HALF_OPEN:
            raise LeftInPeace(f"another question tries whether the registry is back: {self._reason}")
        if left > 0:
            told = f"the registry is left in peace for {left:.0f} s more: {self._reason}"
            raise LeftInPeace(told, retry_after=left)
        self._ends = self._now() + LONGEST_PROBE
        self._turn(State.HALF_OPEN)
        log.info("registry_probed")

    def _end(self, turn: int, error: BaseException | None) -> None:
        with self._lock:
            is_news = turn == self._turns  # or it began before the last turn
            if isinstance(error, IISUnavailable):
                self._failure(error, is_news)
            elif is_news and (error is None or isinstance(error, IISRejected)):
                self._answered()
            elif is_news and self._state is State.HALF_OPEN:  # our own fault, or the end of this process
                self._rest(self._failures.rest, type(error).__name__)

    def _failure(self, error: IISUnavailable, is_news: bool) -> None:
        """How long the registry itself wants peace is news whenever the question began."""
        self._failed += is_news
        is_enough = is_news and (self._state is State.HALF_OPEN or self._failed >= self._failures.times)
        asked_for = min(error.retry_after or 0.0, LONGEST_REST)
        if seconds := max(asked_for, self._failures.rest if is_enough else 0.0):
            self._rest(seconds, str(error))

    def _rest(self, seconds: float, reason: str) -> None:
        ends = self._now() + seconds
        if self._state is State.OPEN and ends < self._ends + 1:
            return  # several questions were under way, and heard the same
        self._ends, self._reason = ends, reason
        self._turn(State.OPEN)
        log.warning("registry_rests", seconds=seconds, reason=reason)

    def _answered(self) -> None:
        self._failed = 0
        if self._state is State.HALF_OPEN:
            self._turn(State.CLOSED)
            log.info("registry_back")

    def _turn(self, state: State) -> None:
        self._state = state
        self._turns += 1
