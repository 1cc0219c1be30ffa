"""The queue: Dramatiq over Redis. Its messages name a session and a piece of work, and nothing personal."""

import time
from collections.abc import Callable

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, ShutdownNotifications, TimeLimit

from bot.store.connect import our_errors
from bot.store.consumer import LastingBroker, LastingRetries

QUEUE = "work"
ACTOR = "run_work"
NAMESPACE = "{dramatiq}"  # braces: all its keys on one node of a Redis Cluster
HEARTBEAT = 10_000  # milliseconds after which a worker that says nothing is taken for dead
MAINTENANCE = 200_000  # of a million commands: how often dead workers are looked for
LONGEST = 120_000  # milliseconds for one run
OLDEST = 24 * 3600 * 1000  # milliseconds; no record outlives its link


def build_broker(client: redis.Redis) -> RedisBroker:
    middleware = [
        AgeLimit(max_age=OLDEST),
        TimeLimit(time_limit=LONGEST),
        ShutdownNotifications(notify_shutdown=False),
        LastingRetries(max_retries=10_000, min_backoff=1000, max_backoff=60_000),
    ]
    return LastingBroker(
        client=client,
        namespace=NAMESPACE,
        heartbeat_timeout=HEARTBEAT,
        maintenance_chance=MAINTENANCE,
        middleware=middleware,
    )


class DramatiqJobs:
    """Puts work into the queue; the actor itself lives in the worker."""

    def __init__(self, broker: RedisBroker, now: Callable[[], float] = time.time) -> None:
        self.broker = broker
        self.now = now
        broker.declare_queue(QUEUE)

    def enqueue(self, session_key: str, work_id: str) -> None:
        message: dramatiq.Message[None] = dramatiq.Message(
            queue_name=QUEUE, actor_name=ACTOR, args=(session_key, work_id, self.now()), kwargs={}, options={}
        )
        with our_errors():
            self.broker.enqueue(message)
