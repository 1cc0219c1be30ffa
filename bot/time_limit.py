"""A bound on the whole of a call. Libraries bound each wait on a socket, and never the sum."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, work: Callable[[], T], *, too_late: Callable[[T], object] | None = None) -> T:
    """What `work` returns or raises. Raises TimeoutError after `seconds`, also while a name is looked up.

    Work that is late goes on in a thread of its own, until its own limits end it, and nobody but `too_late` hears
    of it. A thread for each call: it costs a ten thousandth of a second, and no pool of threads survives a fork.
    """
    outcome: Future[T] = Future()
    Thread(target=_settle, args=(outcome, work), daemon=True).start()
    try:
        return outcome.result(seconds)
    except TimeoutError:
        if too_late:
            outcome.add_done_callback(lambda late: late.exception() or too_late(late.result()))
        raise


def _settle(outcome: Future[T], work: Callable[[], T]) -> None:
    try:
        outcome.set_result(work())
    except BaseException as error:  # noqa: BLE001 (it is raised where the outcome is awaited)
        outcome.set_exception(error)
