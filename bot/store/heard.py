"""Which texts had their turn: a few bytes for each, for longer than any session lives."""

from collections.abc import Collection, Iterator
from hashlib import sha256

import redis

from bot.ports import Swept
from bot.store.connect import our_errors

REACH = 24 * 3600  # seconds back to which a text that never reached us is looked for
HOUR = 3600
KEPT = REACH + 2 * HOUR  # seconds for which one hour's texts are known
PROGRESS = "vt:swept"
NAME = 12  # bytes of each text's name

# Several names of NAME bytes each, one behind the other.
HEAR = f"""
local function hear(key, names, life)
  for at = 1, #names, {NAME} do redis.call('SADD', key, string.sub(names, at, at + {NAME - 1})) end
  if #names > 0 then redis.call('EXPIRE', key, life) end
end
"""


class RedisHeard:
    """`vt:h:<hour>`: names of the texts of one hour. `vt:swept`: how far the carrier's list was compared."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client

    def known(self, sids: Collection[str], since: float, now: float) -> set[str]:
        """One round trip. `since` may be a little late by another clock, so the hour before it counts too."""
        if not sids:
            return set()
        names = [_name(sid) for sid in sids]
        with our_errors():
            pipe = self.client.pipeline(transaction=False)
            for key in buckets(since - HOUR, now):
                pipe.smismember(key, names)
            answers = pipe.execute()
        return {sid for sid, *found in zip(sids, *answers, strict=True) if any(found)}

    def add(self, sid: str, now: float) -> None:
        with our_errors(), self.client.pipeline(transaction=True) as pipe:
            pipe.sadd(bucket(now), _name(sid))
            pipe.expire(bucket(now), KEPT)
            pipe.execute()

    def swept(self) -> Swept | None:
        with our_errors():
            value = self.client.get(PROGRESS)
        if not isinstance(value, bytes):
            return None
        until, at = map(float, value.split())
        return Swept(until, at)

    def note(self, swept: Swept) -> None:
        with our_errors():
            self.client.set(PROGRESS, f"{swept.until!r} {swept.at!r}", ex=KEPT)


def bucket(now: float) -> str:
    return f"vt:h:{int(now // HOUR)}"


def buckets(since: float, now: float) -> Iterator[str]:
    """Of all hours from one time to the other."""
    for hour in range(int(since // HOUR), int(now // HOUR) + 1):
        yield f"vt:h:{hour}"


def packed(sids: Collection[str]) -> bytes:
    """As HEAR takes them."""
    return b"".join(map(_name, sids))


def _name(sid: str) -> bytes:
    """Short, and the same for every shape of id."""
    return sha256(sid.encode()).digest()[:NAME]
