"""Sessions: one encrypted value for each phone, saved only over what was loaded, and together with what follows."""

from collections.abc import Collection, Iterator, Sequence

import redis

from bot.conversation.session import Session
from bot.outbox.delivery import Delivery
from bot.ports import NOTHING_BESIDES, Besides, Counted, Loaded, SessionConflict
from bot.store.audit import NOTE, STREAM
from bot.store.connect import our_errors
from bot.store.deliveries import DUE, POST, erased, name, name_of, posted
from bot.store.due import Due
from bot.store.erasures import DUE as TO_ERASE
from bot.store.erasures import ERASE, SINCE
from bot.store.funnel import COUNT
from bot.store.funnel import name as name_of_day
from bot.store.heard import HEAR, KEPT, bucket, packed
from bot.store.naming import of_phone
from bot.store.sealing import KeyRing, Unreadable, stamp_of

DEADLINES = "vt:deadlines"
LEASE = 60.0  # seconds for which one sweeper has the end of a conversation to itself

# The session, its end, the texts that it heard, messages that it posts and messages that it takes back: all or nothing.
# KEYS: session, deadlines, due, heard, the day's counters, audit, what is to be erased and since when, values to post,
# values to take back. ARGV: stamp, value, life, end, the texts and how long they are known, how many are posted,
# counted and audited, what is to be erased, the time now and the time for that, what POST needs of each, the counters,
# the entries, the ids to take back.
SAVE = f"""
{POST}
{HEAR}
{COUNT}
{NOTE}
{ERASE}
local current = redis.call('GET', KEYS[1])
if ARGV[1] == '' then
  if current then return 0 end
elseif not current or string.sub(current, 1, #ARGV[1]) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
if ARGV[4] == '' then redis.call('ZREM', KEYS[2], KEYS[1]) else redis.call('ZADD', KEYS[2], ARGV[4], KEYS[1]) end
hear(KEYS[4], ARGV[5], ARGV[6])
local posted, counted, audited = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
post(9, 13, posted, KEYS[3])
count(5, 13 + 4 * posted, counted)
note(KEYS[6], 13 + 4 * posted + counted, audited)
erase(KEYS[7], KEYS[8], ARGV[10], ARGV[11], ARGV[12])
for n = 9 + posted, #KEYS do
  redis.call('DEL', KEYS[n])
  redis.call('ZREM', KEYS[3], ARGV[#ARGV - #KEYS + n])
end
return 1
"""
# The end of a session that is there again, or still, is not ours to forget.
FORGET = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
return redis.call('ZREM', KEYS[2], KEYS[1])
"""


class RedisSessions:
    """`vt:s:<hmac of the phone>`, and their ends in `vt:deadlines`: nothing tells whose it is or what it says."""

    def __init__(self, client: redis.Redis, ring: KeyRing, index_key: bytes) -> None:
        self.client = client
        self.ring = ring
        self.index_key = index_key
        self.ends = Due(client, DEADLINES, LEASE)
        self.script = client.register_script(SAVE)
        self.forget = client.register_script(FORGET)

    def key(self, phone: str) -> str:
        return f"vt:s:{of_phone(self.index_key, phone)}"

    def load(self, key: str) -> Loaded:
        """One round trip. What cannot be read any more (a lost key) counts as no session."""
        with our_errors():
            value = self.client.get(key)
        if not isinstance(value, bytes):
            return Loaded(None, b"")
        stamp = stamp_of(value)
        try:
            return Loaded(Session.from_bytes(self.ring.open(value, key)), stamp)
        except Unreadable:
            return Loaded(None, stamp)

    def save(
        self,
        key: str,
        session: Session,
        stamp: bytes,
        ttl: int,
        *,
        ends_at: float | None = None,
        post: Sequence[Delivery] = (),
        void: Collection[str] = (),
        counted: Counted | None = None,
        heard: Collection[str] = (),
        now: float = 0.0,
        besides: Besides = NOTHING_BESIDES,
    ) -> None:
        """One round trip."""
        value = self.ring.seal(session.to_bytes(), key)
        end = "" if ends_at is None else repr(ends_at)
        counted = counted or Counted("", ())
        keys = [key, DEADLINES, DUE, bucket(now), name_of_day(counted.day), STREAM, TO_ERASE, SINCE]
        keys += [*map(name_of, post), *map(name, void)]
        numbers = [KEPT, len(post), len(counted.fields), len(besides.audited)]
        of_each = [*posted(self.ring, post), *map(str, counted.fields), *besides.audited]
        args = [stamp, value, ttl, end, packed(heard), *numbers, *erased(besides), *of_each, *void]
        with our_errors():
            saved = self.script(keys=keys, args=args)
        if not saved:
            raise SessionConflict

    def ended(self, now: float, most: int) -> list[str]:
        return self.ends.claim(now, most)

    def forget_end(self, key: str) -> bool:
        with our_errors():
            return bool(self.forget(keys=[key, DEADLINES]))

    def every(self) -> Iterator[Session]:
        """All sessions that there are, for counting; reads the whole store."""
        with our_errors():
            for name in self.client.scan_iter("vt:s:*", count=1000):
                if session := self.load(name.decode()).session:
                    yield session
