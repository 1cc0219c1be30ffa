"""How many questions a process has under way at a registry: one until it answered, then one for each place."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Semaphore

from bot.ports import IISRejected, IISUnavailable


class Places:
    """Safe to share between threads. A process that starts with a wrong password tries it once, not eight times."""

    def __init__(self, places: int, patience: float) -> None:
        """`patience`: seconds to wait for a place."""
        self._places, self._patience = places, patience
        self._free, self._lock = Semaphore(1), Lock()
        self._answered = False

    @contextmanager
    def one(self) -> Iterator[None]:
        """Raises IISUnavailable where none is free in time."""
        if not self._free.acquire(timeout=self._patience):
            told = f"all {self._places} places of this process were taken"
            raise IISUnavailable(told if self._answered else "the first question of this process is still under way")
        try:
            yield
        finally:
            self._free.release()

    @contextmanager
    def question(self) -> Iterator[None]:
        """A place for a question that shows whether we are let in."""
        with self.one():
            try:
                yield
            except IISRejected:
                self._open()
                raise
            self._open()

    def _open(self) -> None:
        with self._lock:
            if not self._answered:
                self._answered = True
                for _ in range(self._places - 1):
                    self._free.release()
