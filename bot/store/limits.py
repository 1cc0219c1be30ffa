"""Limits: raised before they are checked, atomically."""

import redis

from bot.store.connect import our_errors
from bot.store.naming import of_phone

PER_DAY = 10  # lookups for one sender: a family with a few second tries
DAY = 24 * 3600  # seconds, from the first lookup

COUNT = """
redis.call('SADD', KEYS[1], ARGV[1])
if redis.call('TTL', KEYS[1]) < 0 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return redis.call('SCARD', KEYS[1])
"""


class RedisLookups:
    """`vt:n:<hmac of the phone>`: the ids of the work that this sender started today."""

    def __init__(self, client: redis.Redis, index_key: bytes) -> None:
        self.index_key = index_key
        self.script = client.register_script(COUNT)

    def allow(self, phone: str, work_id: str) -> bool:
        name = f"vt:n:{of_phone(self.index_key, phone)}"
        with our_errors():
            return int(self.script(keys=[name], args=[work_id, DAY])) <= PER_DAY
