"""How well providers take messages, known to all processes: each loses its share step by step, and gets it back so.

GOV.UK Notify's way (https://gds.blog.gov.uk/2020/04/03/how-gov-uk-notify-reliably-sends-text-messages-to-users/):
ten points of a hundred at a time, never to nothing. It looks at two equal providers and moves each minute at most;
we look at the newest requests, so that few errors among many cost nothing, and a provider that is down is left in
seconds.
"""

import time
from collections.abc import Callable
from typing import Literal

import redis
import structlog

from bot.ports import StoreUnavailable
from bot.store.connect import our_errors

log = structlog.get_logger()

WELL = 100  # percent of its own share
STEP = 10  # points
FLOOR = 5  # points: a trickle, by which we see that it recovers
WINDOW = 60  # seconds
NEWEST = 50  # requests of that time that are looked at
ERRORS = 5  # of them cost a step; then counting begins anew
ENOUGH = 10  # requests before slowness is judged
SLOW = 0.3  # of them: more cost a step
QUIET = 120  # seconds without an error that bring a step back
KEPT = 24 * 3600  # seconds
SEEN = 1.0  # seconds for which a process believes what it read

BACK = f"""
local known = redis.call('HMGET', KEYS[1], 'percent', 'at')
local now, stored = tonumber(ARGV[1]), tonumber(known[1] or {WELL})
local at = tonumber(known[2] or ARGV[1])
local steps = math.max(0, math.floor((now - at) / {QUIET}))
local percent = math.min({WELL}, stored + {STEP} * steps)
"""
PERCENT = f"{BACK} return percent"
# KEYS: the provider's share, its newest requests. ARGV: the time, the outcome. Returns the percent before and after.
NOTE = f"""
{BACK}
redis.call('LPUSH', KEYS[2], ARGV[1] .. ' ' .. ARGV[2])
redis.call('LTRIM', KEYS[2], 0, {NEWEST - 1})
redis.call('EXPIRE', KEYS[2], {WINDOW})
if ARGV[2] == 'well' then
  if percent == {WELL} then redis.call('DEL', KEYS[1]) end
  return {{stored, percent, 0}}
end
local all, errors, slow = 0, 0, 0
for _, request in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
  local when, outcome = string.match(request, '(%S+) (%S+)')
  if tonumber(when) > now - {WINDOW} then
    all = all + 1
    if outcome == 'error' then errors = errors + 1 elseif outcome == 'slow' then slow = slow + 1 end
  end
end
local falls = errors >= {ERRORS} or (all >= {ENOUGH} and slow > {SLOW} * all)
if falls then
  percent = math.max({FLOOR}, percent - {STEP})
  redis.call('DEL', KEYS[2])
end
if falls or (ARGV[2] == 'error' and percent < {WELL}) then
  redis.call('HSET', KEYS[1], 'percent', percent, 'at', ARGV[1])
  redis.call('EXPIRE', KEYS[1], {KEPT})
end
return {{stored, percent, falls and 1 or 0}}
"""


class RedisHealths:
    """`vt:p:<provider>`: its `percent`, and `at`, since when it is quiet; `...:newest`: how it took the newest ones."""

    def __init__(self, client: redis.Redis, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._percent, self._note = client.register_script(PERCENT), client.register_script(NOTE)
        self._known: dict[str, tuple[float, int]] = {}  # when it was read, and what

    def percent(self, provider: str) -> int:
        read_at, percent = self._known.get(provider, (float("-inf"), WELL))
        if time.monotonic() - read_at < SEEN:
            return percent
        try:
            with our_errors():
                percent = int(self._percent(keys=[_key(provider)], args=[repr(self._now())]))
        except StoreUnavailable:
            pass  # we go on with what was known last, and ask again soon
        self._known[provider] = (time.monotonic(), percent)
        return percent

    def note(self, provider: str, outcome: Literal["well", "slow", "error"]) -> None:
        keys = [_key(provider), f"{_key(provider)}:newest"]
        try:
            with our_errors():
                before, percent, fell = self._note(keys=keys, args=[repr(self._now()), outcome])
        except StoreUnavailable as error:
            log.warning("provider_not_noted", provider=provider, reason=str(error))
            return
        self._known[provider] = (time.monotonic(), percent)
        if fell and percent < before:
            log.warning("provider_shifted", provider=provider, percent=percent, why=outcome)
        elif before < percent == WELL:
            log.info("provider_back", provider=provider)


def _key(provider: str) -> str:
    return f"vt:p:{provider}"
