"""That the registry does not let us in, known to all processes, also to those that start anew."""

import time
from collections.abc import Callable

import redis

from bot.ports import Refused
from bot.store.connect import our_errors

KEPT = 24 * 3600_000  # milliseconds after the last refusal, where nobody asks any more

CLAIM = """
local known = redis.call('HMGET', KEYS[1], 'reason', 'until')
if not known[1] then return {} end
local may_try = tonumber(known[2]) <= tonumber(ARGV[1])
if may_try then redis.call('HSET', KEYS[1], 'until', ARGV[2]) end
return {known[1], may_try and 1 or 0}
"""
ADD = """
local is_enough = redis.call('HINCRBY', KEYS[1], 'times', 1) >= tonumber(ARGV[4])
redis.call('HSET', KEYS[1], 'reason', ARGV[1], 'until', is_enough and ARGV[3] or ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return is_enough and 1 or 0
"""


class RedisRefusals:
    """`vt:b:<whom we say that we are>`: a hash of `times` in a row, the last `reason`, and `until` when nobody asks."""

    def __init__(self, client: redis.Redis, whom: str, now: Callable[[], float] = time.time) -> None:
        """`whom`: a name that tells nothing of the password, and changes with it."""
        self._client, self._key, self._now = client, f"vt:b:{whom}", now
        self._claim, self._add = client.register_script(CLAIM), client.register_script(ADD)

    def claim(self, seconds: float) -> Refused | None:
        with our_errors():
            known = self._claim(keys=[self._key], args=[self._ms(), self._ms(seconds)])
        return Refused(known[0].decode(), known[1] == 1) if known else None

    def add(self, reason: str, *, times: int, rest: float) -> float:
        with our_errors():
            rests = self._add(keys=[self._key], args=[reason, self._ms(), self._ms(rest), times, KEPT])
        return rest if rests else 0.0

    def forget(self) -> None:
        with our_errors():
            self._client.delete(self._key)

    def _ms(self, later: float = 0.0) -> int:
        return int((self._now() + later) * 1000)
