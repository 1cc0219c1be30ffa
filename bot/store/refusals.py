"""That the registry does not let us in, known to all processes, also to those that start anew."""

import time
from collections.abc import Callable, Sequence

import redis

from bot.ports import Refused
from bot.store.connect import our_errors

KEPT = 24 * 3600_000  # milliseconds after the last refusal, where nobody asks any more

# KEYS: the name by the first key of the index, then those by the others: what is known there goes on here.
FIND = """
for n = 2, #KEYS do
  if redis.call('EXISTS', KEYS[n]) == 1 then redis.call('RENAMENX', KEYS[n], KEYS[1]) end
end
"""
CLAIM = f"""
{FIND}
local known = redis.call('HMGET', KEYS[1], 'reason', 'until')
if not known[1] then return {{}} end
local may_try = tonumber(known[2]) <= tonumber(ARGV[1])
if may_try then redis.call('HSET', KEYS[1], 'until', ARGV[2]) end
return {{known[1], may_try and 1 or 0}}
"""
ADD = f"""
{FIND}
local is_enough = redis.call('HINCRBY', KEYS[1], 'times', 1) >= tonumber(ARGV[4])
redis.call('HSET', KEYS[1], 'reason', ARGV[1], 'until', is_enough and ARGV[3] or ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return is_enough and 1 or 0
"""


class RedisRefusals:
    """`vt:b:<key id>:<whom we say that we are>`: a hash.

    `times` in a row, the last `reason`, and `until` when nobody asks.
    """

    def __init__(self, client: redis.Redis, names: Sequence[str], now: Callable[[], float] = time.time) -> None:
        """`names`: they tell nothing of the password, and change with it."""
        self._client, self._names, self._now = client, names, now
        self._claim, self._add = client.register_script(CLAIM), client.register_script(ADD)

    def claim(self, seconds: float) -> Refused | None:
        with our_errors():
            known = self._claim(keys=self._names, args=[self._ms(), self._ms(seconds)])
        return Refused(known[0].decode(), known[1] == 1) if known else None

    def add(self, reason: str, *, times: int, rest: float) -> float:
        with our_errors():
            rests = self._add(keys=self._names, args=[reason, self._ms(), self._ms(rest), times, KEPT])
        return rest if rests else 0.0

    def forget(self) -> None:
        with our_errors():
            self._client.delete(*self._names)

    def _ms(self, later: float = 0.0) -> int:
        return int((self._now() + later) * 1000)
