"""Counters of the funnel: one hash a day, kept for ninety."""

from collections.abc import Mapping, Sequence

import redis

from bot.funnel.fields import Field
from bot.store.connect import our_errors

LIFE = 90 * 24 * 3600  # seconds

# KEYS[k] is the day's hash, ARGV from `a` on the names of `count` counters.
COUNT = f"""
local function count(k, a, count)
  for n = a, a + count - 1 do redis.call('HINCRBY', KEYS[k], ARGV[n], 1) end
  if count > 0 and redis.call('TTL', KEYS[k]) < 0 then redis.call('EXPIRE', KEYS[k], {LIFE}) end
end
"""


class RedisFunnel:
    """`vt:u:<day>`. Sessions write it, in the script that saves a turn; nothing in it is of one person."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client

    def read(self, days: Sequence[str]) -> Mapping[str, Mapping[Field, int]]:
        with our_errors(), self.client.pipeline(transaction=False) as pipe:
            for day in days:
                pipe.hgetall(name(day))
            found = pipe.execute()
        return {
            day: {Field.read(known.decode()): int(n) for known, n in counts.items()}
            for day, counts in zip(days, found, strict=True)
        }


def name(day: str) -> str:
    return f"vt:u:{day}"
