"""Locks: one worker at a time for one piece of work."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis.exceptions import LockError
from redis.lock import Lock

from bot.store.connect import our_errors

LONGEST = 12.0  # seconds; about as long as the queue takes to see that a worker was killed
RENEWED = 4.0  # seconds; as long as its worker lives, a lock is held on to


class RedisLocks:
    """`vt:w:<name>`."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client

    @contextmanager
    def hold(self, name: str) -> Iterator[bool]:
        lock = self.client.lock(f"vt:w:{name}", timeout=LONGEST, blocking=False, thread_local=False)
        with our_errors():
            ours = bool(lock.acquire())
        if not ours:
            yield False
            return
        done = threading.Event()
        threading.Thread(target=_hold_on, args=(lock, done), name="lock", daemon=True).start()
        try:
            yield True
        finally:
            done.set()
            _release(lock)


def _hold_on(lock: Lock, done: threading.Event) -> None:
    while not done.wait(RENEWED):
        try:
            lock.reacquire()
        except (LockError, redis.ConnectionError, redis.TimeoutError):
            return


def _release(lock: Lock) -> None:
    try:
        lock.release()
    except (LockError, redis.ConnectionError, redis.TimeoutError):
        return  # it ended by itself, or will
