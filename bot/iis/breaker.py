"""Leaves a registry in peace after many failures or refusals; then one question, and only one, tries it.

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

from bot.ports import IISRefusesUs, IISRejected, IISUnavailable

LONGEST_PROBE = 300.0  # seconds; a question that has not ended by then never will, for its thread was killed

log = structlog.get_logger()


class State(StrEnum):
    CLOSED = "closed"  # it is asked
    OPEN = "open"  # it is left in peace
    HALF_OPEN = "half-open"  # one question tries whether it is back


@dataclass(frozen=True, slots=True)
class Limit:
    times: int  # in a row, with no answer in between
    rest: float  # seconds


class Breaker:
    """Safe to share between threads.

    Two kinds of trouble count, each for itself. IISUnavailable: it may be overloaded, so that a short rest helps
    it. IISRefusesUs: the password is wrong or the user locked, whoever is asked for; more tries would lock the account
    for good, so the rest is long. Any other IISRejected is about one person's question, and so it is an answer: it
    must never close the registry to everybody.
    """

    def __init__(self, failures: Limit, refusals: Limit, now: Callable[[], float] = time.monotonic) -> None:
        self._failures, self._refusals, self._now = failures, refusals, now
        self._lock = Lock()
        self._state, self._turns = State.CLOSED, 0
        self._failed = self._refused = 0  # in a row
        self._ends, self._reason = 0.0, ""  # of the rest

    @property
    def state(self) -> State:
        """Open until somebody tries the registry, also when its rest is over."""
        return self._state

    @contextmanager
    def question(self) -> Iterator[None]:
        """Around one try. Raises IISUnavailable, with the reason, while the registry rests.

        So it does for a refusal that begins or prolongs a rest: whoever asked may wait for an operator, too.
        """
        turn = self._begin()
        try:
            yield
        except BaseException as error:
            self._end(turn, error)
            if isinstance(error, IISRefusesUs) and self._state is not State.CLOSED:
                raise IISUnavailable(str(error)) from None
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
            raise IISUnavailable(f"another question tries whether the registry is back: {self._reason}")
        if left > 0:
            raise IISUnavailable(f"the registry is left in peace for {left:.0f} s more: {self._reason}")
        self._ends = self._now() + LONGEST_PROBE
        self._turn(State.HALF_OPEN)
        log.info("registry_probed")

    def _end(self, turn: int, error: BaseException | None) -> None:
        with self._lock:
            if turn != self._turns:
                return  # it began before the last turn: old news
            match error:
                case IISRefusesUs():
                    self._refused += 1
                    self._count(self._refused, self._refusals, str(error))
                case None | IISRejected():
                    self._answered()
                case IISUnavailable():
                    self._failed += 1
                    self._count(self._failed, self._failures, str(error))
                case _ if self._state is State.HALF_OPEN:  # our own fault, or the end of this process
                    self._rest(self._failures.rest, type(error).__name__)

    def _count(self, times: int, limit: Limit, reason: str) -> None:
        if self._state is State.HALF_OPEN or times >= limit.times:
            self._rest(limit.rest, reason)

    def _rest(self, seconds: float, reason: str) -> None:
        self._ends, self._reason = self._now() + seconds, reason
        self._turn(State.OPEN)
        log.warning("registry_rests", seconds=seconds, reason=reason)

    def _answered(self) -> None:
        self._failed = self._refused = 0
        if self._state is State.HALF_OPEN:
            self._turn(State.CLOSED)
            log.info("registry_back")

    def _turn(self, state: State) -> None:
        self._state = state
        self._turns += 1
