"""One end for many waits: whatever a thread asks of a registry within a block."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from bot.ports import IISUnavailable

LATE = "the registry did not answer in time (IIS_TIMEOUT)"

_ends: ContextVar[float] = ContextVar("ends", default=float("inf"))  # time.monotonic()


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Everything that this thread asks within the block ends `seconds` from now, or earlier with a block around it."""
    outer = _ends.set(min(_ends.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _ends.reset(outer)


def time_left() -> float:
    """Seconds until the deadline of this thread, or 0; infinite without one."""
    return max(0.0, _ends.get() - time.monotonic())


def seconds_left() -> float:
    """As `time_left`. Raises IISUnavailable when none are left."""
    left = time_left()
    if not left:
        raise IISUnavailable(LATE)
    return left


def while_there_is_time() -> Iterator[None]:
    """For each of some questions that need not all be asked: ends when the next might not come to its end in time."""
    slowest = 0.0
    while seconds_left() > 2 * slowest:
        began = time.monotonic()
        yield
        slowest = max(slowest, time.monotonic() - began)
