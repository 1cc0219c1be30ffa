"""Limits: raised before they are looked at, several in one round trip, all of them or none."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256

import redis
from redis.typing import EncodableT

from bot.ports import Admitted, Ask
from bot.store.connect import our_errors
from bot.store.naming import Names

SLICE = 300  # seconds; the last hour is counted in slices, so that it ends slowly and by itself
SLICES = 12
SPENT_LIFE = 2 * 3600  # seconds
REACHED_LIFE = 8 * 24 * 3600  # seconds
TEXTS = "vt:{limits}:texts"
NAME = 12  # bytes of the name of what is counted

# KEYS: how often each limit was reached today, texts by slice, and for each rule a set by each key of the index, whose
# counts go on in the first; all on one node of a cluster. ARGV: what is counted, seconds by which tests are ahead of
# the clock of Redis (one clock for all machines), texts, how many sets each rule has; then the limit's name, most,
# seconds and whether it only watches, for each rule. What is counted once is not counted again, and what is refused is
# taken back everywhere: so nobody makes a window longer, or uses up somebody else's, by asking again and again.
TAKE = f"""
local reached, noted, added, refused, wait, is_new = {{}}, {{}}, {{}}, 0, 0, #ARGV == 4
local function brought(n, sets)
  for other = n + 1, n + sets - 1 do
    if redis.call('EXISTS', KEYS[other]) == 1 then
      local life = math.max(redis.call('TTL', KEYS[n]), redis.call('TTL', KEYS[other]))
      redis.call('SUNIONSTORE', KEYS[n], KEYS[n], KEYS[other])
      redis.call('EXPIRE', KEYS[n], life)
      redis.call('DEL', KEYS[other])
    end
  end
  return KEYS[n]
end
local slice = math.floor((redis.call('TIME')[1] + ARGV[2]) / {SLICE})
for a = 5, #ARGV, 4 do
  local limit, most, seconds, watches = ARGV[a], tonumber(ARGV[a + 1]), ARGV[a + 2], ARGV[a + 3]
  local key = brought(3 + ARGV[4] * (a - 5) / 4, tonumber(ARGV[4]))
  if redis.call('SADD', key, ARGV[1]) == 1 then
    if redis.call('TTL', key) < 0 then redis.call('EXPIRE', key, seconds) end
    if redis.call('SCARD', key) > most then
      wait = math.max(wait, redis.call('TTL', key))
      redis.call('SREM', key, ARGV[1])
      if watches == '0' then refused = 1 end
      if not noted[limit] then
        noted[limit] = true
        reached[#reached + 1] = limit
        redis.call('HINCRBY', KEYS[1], limit, 1)
        redis.call('EXPIRE', KEYS[1], {REACHED_LIFE})
      end
    else
      added[#added + 1] = key
    end
  end
end
if refused == 1 then
  for _, key in ipairs(added) do redis.call('SREM', key, ARGV[1]) end
elseif (is_new or #added > 0) and ARGV[3] ~= '0' then
  redis.call('HINCRBY', KEYS[2], slice, ARGV[3])
  redis.call('EXPIRE', KEYS[2], {SPENT_LIFE})
end
local texts, slices = 0, redis.call('HGETALL', KEYS[2])
for n = 1, #slices, 2 do
  if tonumber(slices[n]) > slice - {SLICES} then texts = texts + tonumber(slices[n + 1])
  else redis.call('HDEL', KEYS[2], slices[n]) end
end
return {{refused, wait, texts, reached}}
"""
NOTE = f"""
redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
redis.call('EXPIRE', KEYS[1], {REACHED_LIFE})
"""


class RedisLimits:
    """`vt:{limits}:<limit>:<seconds>:<key id>:<hmac of whom it is for>`, gone when its window ends.

    Whatever is allowed or refused goes by the clock of Redis alone. `now` only says which day's note it goes to.
    """

    def __init__(self, client: redis.Redis, names: Names, ahead: Callable[[], float] = lambda: 0.0) -> None:
        """`ahead`: seconds by which tests have moved the clock."""
        self.client = client
        self.names = names
        self.ahead = ahead
        self._take, self._note = client.register_script(TAKE), client.register_script(NOTE)

    def take(self, cause: str, asks: Sequence[Ask], *, texts: int = 0, now: float) -> Admitted:
        keys: list[str] = [_reached(now), TEXTS]
        args: list[EncodableT] = [_short(cause), int(self.ahead()), texts, self.names.each]
        for ask in asks:
            for rule in ask.rules:
                keys += self._keys(ask.limit, rule.seconds, ask.per)
                args += [ask.limit, rule.most, rule.seconds, int(ask.watches)]
        with our_errors():
            refused, wait, sent, reached = self._take(keys=keys, args=args)
        return Admitted(frozenset(map(_text, reached)), bool(refused), wait, sent)

    def give_back(self, cause: str, asks: Sequence[Ask]) -> None:
        with our_errors(), self.client.pipeline(transaction=False) as pipe:
            for ask in asks:
                for rule in ask.rules:
                    for key in self._keys(ask.limit, rule.seconds, ask.per):
                        pipe.srem(key, _short(cause))
            pipe.execute()

    def note(self, limit: str, now: float) -> None:
        with our_errors():
            self._note(keys=[_reached(now)], args=[limit])

    def reached(self, now: float) -> Mapping[str, int]:
        with our_errors():
            found = self.client.hgetall(_reached(now))
        return {_text(name): int(times) for name, times in found.items()}

    def texts(self) -> int:
        return self.take("", (), now=0).texts

    def free(self, asks: Sequence[Ask]) -> None:
        rules = [(ask, rule.seconds) for ask in asks for rule in ask.rules]
        with our_errors():
            self.client.delete(*(key for ask, seconds in rules for key in self._keys(ask.limit, seconds, ask.per)))

    def _keys(self, limit: str, seconds: int, per: Sequence[str]) -> list[str]:
        """The numbers may be changed while people are counted; another window is another count."""
        return self.names.of_parts(f"vt:{{limits}}:{limit}:{seconds}", limit, *per)


def _reached(now: float) -> str:
    return f"vt:{{limits}}:reached:{int(now // 86400)}"  # days since 1970, UTC


def _short(cause: str) -> bytes:
    return sha256(cause.encode()).digest()[:NAME]


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name
