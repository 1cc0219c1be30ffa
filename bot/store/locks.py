"""Locks: one worker at a time for one piece of work."""

from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis.exceptions import LockError

from bot.store.connect import our_errors

LONGEST = 60  # seconds; a worker that was killed holds nothing longer


class RedisLocks:
    """`vt:w:<name>`."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client

    @contextmanager
    def hold(self, name: str) -> Iterator[bool]:
        lock = self.client.lock(f"vt:w:{name}", timeout=LONGEST, blocking=False)
        with our_errors():
            ours = bool(lock.acquire())
        try:
            yield ours
        finally:
            if ours:
                _release(lock)


def _release(lock: redis.lock.Lock) -> None:
    try:
        lock.release()
    except (LockError, redis.ConnectionError, redis.TimeoutError):
        return  # it ended by itself, or will
