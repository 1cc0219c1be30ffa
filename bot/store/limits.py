"""Limits: raised before they are checked, atomically."""

import redis

from bot.store.connect import our_errors
from bot.store.naming import Names

PER_DAY = 10  # lookups for one sender: a family with a few second tries
DAY = 24 * 3600  # seconds, from the first lookup

# KEYS: the name by the first key of the index, then those by the others, whose count goes on here.
COUNT = """
local life = redis.call('TTL', KEYS[1])
for n = 2, #KEYS do
  local before = redis.call('SMEMBERS', KEYS[n])
  if #before > 0 then
    life = math.max(life, redis.call('TTL', KEYS[n]))
    redis.call('SADD', KEYS[1], unpack(before))
    redis.call('DEL', KEYS[n])
  end
end
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], life < 0 and ARGV[2] or life)
return redis.call('SCARD', KEYS[1])
"""


class RedisLookups:
    """`vt:n:<key id>:<hmac of the phone>`: the ids of the work that this sender started today."""

    def __init__(self, client: redis.Redis, names: Names) -> None:
        self.names = names
        self.script = client.register_script(COUNT)

    def allow(self, phone: str, work_id: str) -> bool:
        names = self.names.of_phone("vt:n", phone)
        with our_errors():
            return int(self.script(keys=names, args=[work_id, DAY])) <= PER_DAY
