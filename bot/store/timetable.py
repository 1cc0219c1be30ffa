"""When each sender of ours has time for a message, for all processes together: a token bucket that holds one message.

What must wait gets its own time at once, so that a thousand messages do not come back every second to ask again.
"""

import time
from collections.abc import Callable, Sequence

import redis

from bot.outbox.delivery import Route
from bot.ports import Pace
from bot.store.connect import our_errors

# KEYS: when each sender is free again. ARGV: the time, the segments, the patience, the rate of each.
BOOK = """
local now, segments, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local function free(n) return math.max(now, tonumber(redis.call('GET', KEYS[n]) or '0')) end
local best, at = 1, free(1)
if at - now > patience then
  for n = 2, #KEYS do
    local other = free(n)
    if other < at then best, at = n, other end
  end
end
local ends = at + segments / tonumber(ARGV[3 + best])
redis.call('SET', KEYS[best], string.format('%.6f', ends), 'PX', math.ceil((ends - now) * 1000) + 1000)
return {best, at == now and '0' or string.format('%.6f', at)}
"""


class RedisTimetable:
    """`vt:r:<sender>`: when it is free again, in seconds since 1970 by our clock. Gone when it is."""

    def __init__(self, client: redis.Redis, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._book = client.register_script(BOOK)

    def book(self, first: Pace, others: Sequence[Pace], *, segments: int, patience: float) -> Route:
        paces = [first, *others]
        keys, rates = [f"vt:r:{pace.sender}" for pace in paces], [pace.rate for pace in paces]
        with our_errors():
            best, at = self._book(keys=keys, args=[repr(self._now()), segments, patience, *rates])
        return Route(paces[best - 1].sender, float(at))
