"""What operators want to know of Redis and of the workers: whether it takes and gives, what waits in it, who works."""

import secrets
from itertools import chain

import orjson
import redis
from pydantic import TypeAdapter, ValidationError

from bot.outbox.delivery import Delivery, OfAnotherVersion
from bot.ports import Beat, Memory, StoreUnavailable, Waiting
from bot.store.connect import our_errors
from bot.store.deliveries import DUE, name
from bot.store.queue import NAMESPACE, QUEUE
from bot.store.sealing import KeyRing, Unreadable

PROBE = "vt:probe"  # written and read in one transaction: probes of several processes do not meet
WORKERS = "vt:workers"
PROBE_LIFE = 60  # seconds
FORGOTTEN = 300.0  # seconds after which a worker that says nothing is gone
MOST = 500  # messages or jobs that are looked at to find the oldest; of messages as many once more, among all others
SLICES = 10  # in which those are looked at
MOST_WORKERS = 64


class RedisVitals:
    """`vt:probe`, written and read; `vt:workers`, what each worker last said; all else is only looked at."""

    def __init__(self, client: redis.Redis, ring: KeyRing) -> None:
        self.client = client
        self.ring = ring

    def check(self) -> None:
        """Also that we can open what we seal."""
        secret = secrets.token_bytes(8)
        value = self.ring.seal(secret, PROBE)
        with our_errors(), self.client.pipeline(transaction=True) as pipe:
            pipe.set(PROBE, value, ex=PROBE_LIFE)
            pipe.get(PROBE)
            taken, given = pipe.execute()
        if not taken or not isinstance(given, bytes) or self.ring.open(given, PROBE) != secret:
            raise StoreUnavailable("it does not give back what it took")

    def waiting(self, now: float) -> Waiting:
        """Three round trips, at most a thousand values."""
        with our_errors(), self.client.pipeline(transaction=False) as pipe:
            pipe.zcard(DUE)
            pipe.hlen(f"{NAMESPACE}:{QUEUE}.msgs")
            pipe.hscan(f"{NAMESPACE}:{QUEUE}.msgs", count=MOST)
            pipe.hscan(f"{NAMESPACE}:{QUEUE}.DQ.msgs", count=MOST)
            deliveries, jobs, (_, queued), (_, delayed) = pipe.execute()
        since = self._waiting_since(deliveries, now)
        asked = [_asked_at(value, now) for value in (*queued.values(), *delayed.values())]
        return Waiting(deliveries, max(0.0, now - min(since, default=now)), jobs + len(delayed), _age(asked, now))

    def memory(self) -> Memory:
        with our_errors():
            found = self.client.info("memory")
        assert isinstance(found, dict)  # noqa: S101 - the client waits for its answer
        return Memory(int(found["used_memory"]), int(found.get("maxmemory", 0)))

    def beat(self, worker: str, beat: Beat) -> None:
        with our_errors(), self.client.pipeline(transaction=True) as pipe:
            pipe.hset(WORKERS, worker, orjson.dumps(beat))
            pipe.expire(WORKERS, int(FORGOTTEN))
            pipe.execute()

    def workers(self, now: float) -> list[Beat]:
        """Those that said something lately; the others are forgotten."""
        with our_errors():
            found = self.client.hgetall(WORKERS)
            beats = {worker: _beat(value) for worker, value in found.items()}
            if gone := [worker for worker, beat in beats.items() if now - beat.at > FORGOTTEN]:
                self.client.hdel(WORKERS, *gone)
        return [beat for worker, beat in beats.items() if worker not in gone][:MOST_WORKERS]

    def leave(self, worker: str) -> None:
        with our_errors():
            self.client.hdel(WORKERS, worker)

    def _waiting_since(self, deliveries: int, now: float) -> list[float]:
        """Of those that are due next, and of some of all others: who waits for her sender's time may be due last."""
        with our_errors(), self.client.pipeline(transaction=False) as pipe:
            for first, last in _ranks(deliveries):
                pipe.zrange(DUE, first, last)
            keys = [name(found.decode()) for found in dict.fromkeys(chain.from_iterable(pipe.execute()))]
        with our_errors():
            values = self.client.mget(keys) if keys else []
        return [self._since(key, value, now) for key, value in zip(keys, values, strict=True)]

    def _since(self, key: str, value: object, now: float) -> float:
        """Since when this message waits to be taken by its carrier; now if it does not."""
        try:
            delivery = Delivery.from_bytes(self.ring.open(value, key)) if isinstance(value, bytes) else None
        except (Unreadable, OfAnotherVersion):
            return now
        if delivery is None or delivery.state not in ("ready", "sending"):
            return now
        if not delivery.asked and not delivery.provider_ids:  # never taken yet, however often it was held or put off
            return delivery.made_at
        return delivery.tried_at or delivery.due or now


def _ranks(deliveries: int) -> list[tuple[int, int]]:
    """The first MOST, and as many in slices that reach to the very end."""
    size, others = MOST // SLICES, max(0, deliveries - MOST)
    step = max(size, others // SLICES)
    ends = [deliveries - 1 - number * step for number in range(SLICES)]
    return [(0, MOST - 1), *((max(MOST, end - size + 1), end) for end in ends if end >= MOST)]


def _beat(value: bytes | str) -> Beat:
    """What this version of us or another wrote; what makes no sense is of nobody who is here."""
    try:
        return _BEAT.validate_json(value)
    except ValidationError:
        return Beat(at=0.0)


def _asked_at(message: bytes, now: float) -> float:
    """When the work was put into the queue for the first time, as bot/store/queue.py writes it."""
    try:
        return float(orjson.loads(message)["args"][2])
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, ValueError):
        return now


def _age(times: list[float], now: float) -> float:
    return max(0.0, now - min(times, default=now))


_BEAT = TypeAdapter(Beat)
