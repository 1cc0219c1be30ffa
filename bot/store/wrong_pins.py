"""Wrong PINs in a row, over all links of a record: raised before a PIN is looked at, begun anew by a right one."""

from collections.abc import Callable

import redis

from bot.limits.table import USUAL, Rule
from bot.store.connect import our_errors
from bot.store.naming import Names

HOLD = 24 * 3600  # seconds for which a record's links rest after the last one that counted
LIMIT = "wrong_pins_in_a_row"

# The count lives for its window from the first on; from the last one that is allowed on it lives for the rest, and with
# it ends all of it. What is refused changes nothing, so nobody makes it longer.
RAISE = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
if count > tonumber(ARGV[1]) then
  redis.call('DECR', KEYS[1])
  if redis.call('TTL', KEYS[1]) > tonumber(ARGV[3]) then redis.call('EXPIRE', KEYS[1], ARGV[3]) end
  return 0
end
if count == tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[3]) end
return 1
"""
LOWER = """
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DECR', KEYS[1]) end
"""


class RedisWrongPins:
    """`vt:{limits}:wrong_pins_in_a_row:<key id>:<hmac of the registry's id>`: a number, and when it is forgotten.

    While one key of the index replaces another, links before and after it are counted apart.
    """

    def __init__(self, client: redis.Redis, names: Names, rule: Callable[[], Rule] = lambda: USUAL[LIMIT][0]) -> None:
        self.client = client
        self.names = names
        self.rule = rule
        self.script = client.register_script(RAISE)
        self.lower = client.register_script(LOWER)

    def name(self, record: str) -> str:
        """What a link keeps of whose it is: where its wrong PINs are counted; "" for what is nobody's."""
        return self._names(record)[0] if record else ""

    def allow(self, name: str) -> bool:
        """Count this PIN as wrong, then say whether it may be looked at."""
        if not name:
            return True
        rule = self.rule()
        with our_errors():
            return bool(self.script(keys=[name], args=[rule.most, rule.seconds, HOLD]))

    def take_back(self, name: str) -> None:
        """It was not looked at after all."""
        if name:
            with our_errors():
                self.lower(keys=[name])

    def begin_anew(self, name: str) -> None:
        if name:
            with our_errors():
                self.client.delete(name)

    def rests(self, record: str) -> bool:
        with our_errors():
            counts = [self.client.get(name) for name in self._names(record)] if record else []
        return any(isinstance(count, bytes) and int(count) >= self.rule().most for count in counts)

    def end_rest(self, record: str) -> bool:
        """Whether its links rested. Now they do not, and the row begins anew."""
        if not self.rests(record):
            return False
        with our_errors():
            self.client.delete(*self._names(record))
        return True

    def _names(self, record: str) -> list[str]:
        return self.names.of_parts(f"vt:{{limits}}:{LIMIT}", LIMIT, record)
