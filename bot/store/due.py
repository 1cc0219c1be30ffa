"""A sorted set of names by the time at which somebody must look at each."""

import redis

from bot.store.connect import our_errors

# Whoever takes names moves them to where they come back if he never says what became of them.
CLAIM = """
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, name in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[2], name) end
return due
"""


class Due:
    """Scores are seconds since 1970, by our clock."""

    def __init__(self, client: redis.Redis, key: str, lease: float) -> None:
        self.client = client
        self.key = key
        self.lease = lease
        self.script = client.register_script(CLAIM)

    def claim(self, now: float, most: int) -> list[str]:
        """The names that are due, the longest first, for this caller alone until the lease is over."""
        with our_errors():
            taken = self.script(keys=[self.key], args=[repr(now), repr(now + self.lease), most])
        return [name.decode() for name in taken]

    def forget(self, name: str) -> None:
        with our_errors():
            self.client.zrem(self.key, name)
