"""Deliveries: one encrypted value for each message of ours, and the times at which somebody must look at them."""

from collections.abc import Callable, Iterable, Sequence
from math import ceil

import redis
import structlog

from bot.outbox.course import LEASE
from bot.outbox.delivery import Delivery, OfAnotherVersion
from bot.ports import NOTHING_BESIDES, Besides, Change, StoreUnavailable
from bot.store.audit import NOTE, STREAM
from bot.store.connect import our_errors
from bot.store.due import Due
from bot.store.erasures import DUE as TO_ERASE
from bot.store.erasures import ERASE, SINCE
from bot.store.sealing import KeyRing, Unreadable, stamp_of

log = structlog.get_logger()

DUE = "vt:due"
GRACE = 600  # seconds that a value outlives its delivery, so that somebody can still see that it has expired
KNOWN = 3600  # seconds for which one that is over is remembered: a callback may be late
CONFLICTS = 50  # each means that somebody else got his change in

# A delivery is put in once: KEYS from `k` on are values, ARGV from `a` on the id, value, life and time of each.
POST = """
local function post(k, a, count, due)
  for n = 0, count - 1 do
    local id, value, ttl, at = ARGV[a + 4 * n], ARGV[a + 4 * n + 1], ARGV[a + 4 * n + 2], ARGV[a + 4 * n + 3]
    if redis.call('EXISTS', KEYS[k + n]) == 0 then
      redis.call('SET', KEYS[k + n], value, 'EX', ttl)
      redis.call('ZADD', due, at, id)
    end
  end
end
"""
# KEYS: due, the delivery, audit, what is to be erased and since when, values to post. ARGV: id, stamp, value, life,
# when it is due, how many are posted, what is to be erased, the time now and the time for that, what POST needs of
# each, the entries.
CHANGE = f"""
{POST}
{NOTE}
{ERASE}
local current = redis.call('GET', KEYS[2])
if not current or string.sub(current, 1, #ARGV[2]) ~= ARGV[2] then return 0 end
if ARGV[4] == '' then redis.call('SET', KEYS[2], ARGV[3], 'KEEPTTL')
else redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4]) end
if ARGV[5] == '' then redis.call('ZREM', KEYS[1], ARGV[1]) else redis.call('ZADD', KEYS[1], ARGV[5], ARGV[1]) end
local posted = tonumber(ARGV[6])
post(6, 10, posted, KEYS[1])
erase(KEYS[4], KEYS[5], ARGV[7], ARGV[8], ARGV[9])
note(KEYS[3], 10 + 4 * posted, #ARGV - 9 - 4 * posted)
return 1
"""


class RedisDeliveries:
    """`vt:d:<id>` and the sorted set `vt:due`: nothing in Redis tells to whom a message goes or what it says."""

    def __init__(self, client: redis.Redis, ring: KeyRing) -> None:
        self.client = client
        self.ring = ring
        self.due = Due(client, DUE, LEASE)
        self.script = client.register_script(CHANGE)

    def load(self, delivery_id: str) -> Delivery | None:
        return self._load(delivery_id)[0]

    def claim(self, now: float, most: int) -> list[Delivery]:
        """Two round trips. An id without a value that a key of ours opens is forgotten. One that another version of us
        wrote, and that we cannot read, stays: it comes back until a version that can is here, or its day is over."""
        if not (ids := self.due.claim(now, most)):
            return []
        with our_errors():
            values = self.client.mget(map(name, ids))
        claimed = (self._claimed(id_, value) for id_, value in zip(ids, values, strict=True))
        return [delivery for delivery in claimed if delivery]

    def update(
        self,
        delivery_id: str,
        decide: Callable[[Delivery], Delivery],
        post: Sequence[Delivery] = (),
        besides: Callable[[Change], Besides] = lambda _: NOTHING_BESIDES,
    ) -> Change | None:
        for _ in range(CONFLICTS):
            before, stamp = self._load(delivery_id)
            if before is None:
                return None
            after = decide(before)
            change = Change(before, after)
            if not change.made or self._save(after, stamp, post, besides(change)):
                return change
        raise StoreUnavailable("this delivery changes faster than it can be saved")

    def _claimed(self, delivery_id: str, value: object) -> Delivery | None:
        try:
            delivery, _ = self._read(name(delivery_id), value)
        except OfAnotherVersion:
            log.error("delivery_unreadable", delivery=delivery_id)
            return None
        if delivery is None:
            log.error("delivery_lost", delivery=delivery_id)
            self.due.forget(delivery_id)
        return delivery

    def _load(self, delivery_id: str) -> tuple[Delivery | None, bytes]:
        key = name(delivery_id)
        with our_errors():
            value = self.client.get(key)
        try:
            return self._read(key, value)
        except OfAnotherVersion:
            return None, b""

    def _read(self, key: str, value: object) -> tuple[Delivery | None, bytes]:
        """Raises OfAnotherVersion."""
        if not isinstance(value, bytes):
            return None, b""
        try:
            return Delivery.from_bytes(self.ring.open(value, key)), stamp_of(value)
        except Unreadable:
            return None, b""

    def _save(self, delivery: Delivery, stamp: bytes, post: Sequence[Delivery], besides: Besides) -> bool:
        key = name(delivery.id)
        value = self.ring.seal(delivery.to_bytes(), key)
        due = "" if delivery.due is None else repr(delivery.due)
        args = [delivery.id, stamp, value, KNOWN if delivery.over else "", due, len(post), *erased(besides)]
        args += [*posted(self.ring, post), *besides.audited]
        with our_errors():
            return bool(self.script(keys=[DUE, key, STREAM, TO_ERASE, SINCE, *map(name_of, post)], args=args))


def name(delivery_id: str) -> str:
    return f"vt:d:{delivery_id}"


def name_of(delivery: Delivery) -> str:
    return name(delivery.id)


def erased(besides: Besides) -> tuple[str, str, str]:
    """What ERASE needs."""
    return " ".join(besides.erase), repr(besides.now), repr(besides.erase_at)


def posted(ring: KeyRing, deliveries: Iterable[Delivery]) -> list[str | bytes | int]:
    """What POST needs of each."""
    found: list[str | bytes | int] = []
    for delivery in deliveries:
        life = ceil(delivery.expires_at - delivery.made_at) + GRACE
        value = ring.seal(delivery.to_bytes(), name_of(delivery))
        found += [delivery.id, value, life, repr(delivery.due)]
    return found
