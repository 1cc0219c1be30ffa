"""The connection to Redis, and its errors in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from bot.ports import StoreUnavailable

TIMEOUT = 1.5  # seconds; with one more try and two commands well within the 15 that Twilio waits


def connect(url: str) -> redis.Redis:
    """A pooled client. Nothing is sent before its first command."""
    return redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        health_check_interval=30,
        retry=Retry(ExponentialBackoff(cap=0.2, base=0.02), 1),
        max_connections=64,
    )


@contextmanager
def our_errors() -> Iterator[None]:
    """What Redis cannot do now is StoreUnavailable; its own message may hold a key and stays here."""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError) as error:
        raise StoreUnavailable(type(error).__name__) from None
