"""What is still to be erased at the carrier, and when somebody is to try: names of messages, nothing personal."""

from collections.abc import Sequence

import redis

from bot.ports import Erasure
from bot.store.connect import our_errors
from bot.store.due import Due

DUE = "vt:e"
SINCE = "vt:e:since"
LEASE = 120.0  # seconds for which one worker has them to itself

# `names` with spaces between. What waits already is not put in again, so its day goes on.
ERASE = """
local function erase(due, since, names, now, at)
  for name in string.gmatch(names, '%S+') do
    if redis.call('HSETNX', since, name, now) == 1 then redis.call('ZADD', due, at, name) end
  end
end
"""
ADD = f"""
{ERASE}
erase(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3])
"""


class RedisErasures:
    """`vt:e` by time, and `vt:e:since`: since when each waits. Scripts that save a turn or a delivery put in most."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client
        self.due = Due(client, DUE, LEASE)
        self.script = client.register_script(ADD)

    def add(self, name: str, *, since: float, at: float) -> None:
        with our_errors():
            self.script(keys=[DUE, SINCE], args=[name, repr(since), repr(at)])

    def claim(self, now: float, most: int) -> Sequence[Erasure]:
        names = self.due.claim(now, most)
        if not names:
            return ()
        with our_errors():
            since = self.client.hmget(SINCE, names)
        return [Erasure(name, float(at or now)) for name, at in zip(names, since, strict=True)]

    def done(self, name: str) -> None:
        with our_errors(), self.client.pipeline(transaction=True) as pipe:
            pipe.zrem(DUE, name)
            pipe.hdel(SINCE, name)
            pipe.execute()

    def put_off(self, name: str, until: float) -> None:
        with our_errors():
            self.client.zadd(DUE, {name: until}, xx=True)

    def waiting(self) -> int:
        with our_errors():
            return int(self.client.zcard(DUE))
