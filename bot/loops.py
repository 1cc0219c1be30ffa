"""A thread that comes round again and again, and whether it still does."""

import threading
import time
from collections.abc import Callable


class Loop:
    """`work` gets the loop, and asks `over()` before each round and each long step of one: that shows that it lives."""

    def __init__(self, name: str, work: Callable[["Loop"], None], stopped: threading.Event, stuck: float) -> None:
        self.stopped = stopped
        self.stuck = stuck  # seconds without a round after which it is no longer alive
        self.seen = time.monotonic()
        self.thread = threading.Thread(target=work, args=(self,), name=name, daemon=True)

    def start(self) -> None:
        self.seen = time.monotonic()
        self.thread.start()

    @property
    def alive(self) -> bool:
        return self.thread.is_alive() and time.monotonic() - self.seen < self.stuck

    def over(self, seconds: float = 0.0) -> bool:
        """Whether it is to end, after a pause of at most so long."""
        self.seen = time.monotonic()
        return self.stopped.wait(seconds) if seconds else self.stopped.is_set()
