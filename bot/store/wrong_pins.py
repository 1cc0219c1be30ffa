"""Wrong PINs in a row, over all links of a record: raised before a PIN is looked at, begun anew by a right one."""

from collections.abc import Callable

import redis

from bot.limits.table import USUAL, Rule
from bot.store.connect import our_errors
from bot.store.naming import of_parts

HOLD = 24 * 3600  # seconds for which a record's links rest after the last one that counted
LIMIT = "wrong_pins_in_a_row"

# The count lives for its window from the first on; from the last one that is allowed on it lives for the rest, and with
# it ends all of it. What is refused changes nothing, so nobody makes it longer.
RAISE = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
if count > tonumber(ARGV[1]) then
  redis.call('DECR', KEYS[1])
  return 0
end
if count == tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[3]) end
return 1
"""


class RedisWrongPins:
    """`vt:{limits}:wrong_pins_in_a_row:<hmac of the registry's id>`: a number, and when it is forgotten."""

    def __init__(
        self, client: redis.Redis, index_key: bytes, rule: Callable[[], Rule] = lambda: USUAL[LIMIT][0]
    ) -> None:
        self.client = client
        self.index_key = index_key
        self.rule = rule
        self.script = client.register_script(RAISE)

    def name(self, record: str) -> str:
        """What a link keeps of whose it is; "" for what is nobody's."""
        return of_parts(self.index_key, LIMIT, record) if record else ""

    def allow(self, name: str) -> bool:
        """Count this PIN as wrong, then say whether it may be looked at."""
        if not name:
            return True
        rule = self.rule()
        with our_errors():
            return bool(self.script(keys=[_key(name)], args=[rule.most, rule.seconds, HOLD]))

    def begin_anew(self, name: str) -> None:
        if name:
            with our_errors():
                self.client.delete(_key(name))

    def rests(self, name: str) -> bool:
        with our_errors():
            count = self.client.get(_key(name)) if name else None
        return isinstance(count, bytes) and int(count) >= self.rule().most


def _key(name: str) -> str:
    return f"vt:{{limits}}:{LIMIT}:{name}"
