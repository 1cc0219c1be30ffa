"""Dramatiq's broker and consumers for a Redis that goes away and comes back: no message is forgotten.

Dramatiq 2 alone loses work then. A retry that Redis did not take is acknowledged as if it had been taken; what a
consumer had fetched is dropped with its connection, and stays marked as fetched for as long as the worker lives; and
an error of redis-py where its own was expected ends a consumer for good.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import redis
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer
from dramatiq.errors import ConnectionClosed
from dramatiq.middleware import Retries

_Untyped: Any = _RedisConsumer

PAUSE = 1.0  # seconds between two tries to hand a retry to Redis


class LastingBroker(RedisBroker):
    """Gives back to its queue what a consumer held that lost its connection."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        self.held: defaultdict[str, set[str]] = defaultdict(set)  # by queue: what is in this process's memory

    @property
    def consumer_class(self) -> type["LastingConsumer"]:
        return LastingConsumer

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> Any:
        """Raises ConnectionClosed: it is called again in some seconds."""
        with _closed():
            self._give_back(queue_name)
        return super().consume(queue_name, prefetch, timeout)

    def _give_back(self, queue_name: str) -> None:
        """What is marked as fetched by us, and is not here. Delayed messages are dropped with their consumer."""
        held = self.held[queue_name]
        if queue_name in self.delay_queues:
            held.clear()
        fetched: set[Any] = self.client.smembers(f"{self.namespace}:__acks__.{self.broker_id}.{queue_name}")
        if forgotten := {name.decode() for name in fetched} - held:
            self.do_requeue(queue_name, *forgotten)


class LastingConsumer(_Untyped):  # type: ignore[misc]
    """Remembers what it handed out until Redis knows that it was done; speaks of connections in Dramatiq's words."""

    broker: LastingBroker
    queue_name: str

    def __next__(self) -> Any:
        with _closed():
            message = super().__next__()
        if message is not None:
            self.broker.held[self.queue_name].add(_name(message))
        return message

    def ack(self, message: Any) -> None:
        with _closed():
            super().ack(message)
        self.broker.held[self.queue_name].discard(_name(message))

    def nack(self, message: Any) -> None:
        with _closed():
            super().nack(message)
        self.broker.held[self.queue_name].discard(_name(message))

    def requeue(self, messages: Iterable[Any]) -> None:
        with _closed():
            super().requeue(messages)


class LastingRetries(Retries):
    """Acknowledges nothing before Redis has its retry."""

    def after_process_message(
        self, broker: Any, message: Any, *, result: Any = None, exception: BaseException | None = None
    ) -> None:
        while True:
            try:
                super().after_process_message(broker, message, result=result, exception=exception)  # type: ignore[no-untyped-call]
            except (redis.ConnectionError, redis.TimeoutError):
                time.sleep(PAUSE)
            else:
                return


@contextmanager
def _closed() -> Iterator[None]:
    """Dramatiq tries again after its own error, and after no other."""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError) as error:
        raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]


def _name(message: Any) -> str:
    return str(message.options["redis_message_id"])
