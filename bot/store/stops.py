"""Who said STOP: no message that others ask for goes to that phone, by whichever number or account of ours."""

import redis

from bot.store.connect import our_errors
from bot.store.naming import Names

STOPPED = "vt:o"
LIFE = 400 * 24 * 3600  # seconds, from her last STOP: more than a year, and a number changes hands one day

# What she wishes, under all names that her phone has.
FOLLOW = f"""
local function follow(wish, first, last)
  for k = first, last do redis.call('DEL', KEYS[k]) end
  if wish == 'stop' and first <= last then redis.call('SET', KEYS[first], '1', 'EX', {LIFE}) end
end
"""


class RedisStops:
    """`vt:o:<key id>:<hmac of the phone>`: nothing but that it is there."""

    def __init__(self, client: redis.Redis, names: Names) -> None:
        self.client = client
        self.names = names

    def has(self, contact: str) -> bool:
        """One round trip."""
        with our_errors():
            return bool(self.client.exists(*self.names.of_phone(STOPPED, contact)))
