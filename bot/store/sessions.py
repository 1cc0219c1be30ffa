"""Sessions: one encrypted value for each phone, saved only over what was loaded, and together with what follows."""

from collections.abc import Collection, Iterator, Sequence

import redis
import structlog

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
from bot.store.moved import FIND, HOPS, MOVE, moved_to
from bot.store.naming import Names
from bot.store.sealing import KeyRing, UnknownKey, Unreadable, stamp_of
from bot.store.stops import FOLLOW, STOPPED

log = structlog.get_logger()

DEADLINES = "vt:deadlines"
LEASE = 60.0  # seconds for which one sweeper has the end of a conversation to itself

# The session, its end, the texts that it heard, her STOP, messages that it posts and those that it takes back: all or
# nothing. KEYS: session, deadlines, due, heard, the day's counters, audit, what is to be erased and since when, names
# of her STOP, values to post, values to take back, all names under which the session may be. ARGV: stamp, value, life,
# end, the texts and how long they are known, how many are posted, counted, audited, and names, what is to be erased,
# the time now and the time for that, her wish and how many names her STOP has here, what POST needs of each, the
# counters, the entries, the ids to take back.
SAVE = f"""
{POST}
{HEAR}
{COUNT}
{NOTE}
{ERASE}
{FOLLOW}
{FIND}
{MOVE}
local names = #KEYS - tonumber(ARGV[10]) + 1
local current, at = find(names)
if ARGV[1] == '' then
  if current then return 0 end
elseif not current or string.sub(current, 1, #ARGV[1]) ~= ARGV[1] then
  return 0
end
move(names, at, KEYS[1], KEYS[2])
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
if ARGV[4] == '' then redis.call('ZREM', KEYS[2], KEYS[1]) else redis.call('ZADD', KEYS[2], ARGV[4], KEYS[1]) end
hear(KEYS[4], ARGV[5], ARGV[6])
local posted, counted, audited = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local values = 9 + tonumber(ARGV[15])
follow(ARGV[14], 9, values - 1)
post(values, 16, posted, KEYS[3])
count(5, 16 + 4 * posted, counted)
note(KEYS[6], 16 + 4 * posted + counted, audited)
erase(KEYS[7], KEYS[8], ARGV[11], ARGV[12], ARGV[13])
for n = values + posted, names - 1 do
  redis.call('DEL', KEYS[n])
  redis.call('ZREM', KEYS[3], ARGV[#ARGV - names + 1 + n])
end
return 1
"""
# The end of a session that is there again, or still, is not ours to forget.
FORGET = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
return redis.call('ZREM', KEYS[2], KEYS[1])
"""


class RedisSessions:
    """`vt:s:<key id>:<hmac of the phone>`, and their ends in `vt:deadlines`: nothing tells whose it is or what it says.

    A session is found under its name by any key of the index, and saved under that by the first.
    """

    def __init__(self, client: redis.Redis, ring: KeyRing, names: Names) -> None:
        self.client = client
        self.ring = ring
        self.names = names
        self.ends = Due(client, DEADLINES, LEASE)
        self.script = client.register_script(SAVE)
        self.forget = client.register_script(FORGET)

    def key(self, phone: str) -> str:
        return self._names(phone)[0]

    def load(self, key: str, phone: str = "") -> Loaded:
        """One round trip, and one more where it has moved. What cannot be read (a lost key) counts as no session."""
        names = self._all_names(key, phone)
        with our_errors():
            values = self.client.mget(names) if len(names) > 1 else [self.client.get(key)]
            found = map(self._follow, names, values)
            at, value = next(((at, value) for at, value in found if value), (key, b""))
        return self._open(at, value) if value else Loaded(None, b"")

    def _names(self, phone: str) -> list[str]:
        return self.names.of_phone("vt:s", phone)

    def _all_names(self, key: str, phone: str) -> list[str]:
        """Where to look, in this order."""
        return list(dict.fromkeys((key, *(self._names(phone) if phone else ()))))

    def _follow(self, name: str, value: object) -> tuple[str, bytes]:
        """Where the session with this name is now, and its value; b"" if there is none."""
        for _ in range(HOPS):
            if not isinstance(value, bytes) or not (there := moved_to(value)):
                break
            name, value = there, self.client.get(there)
        return name, value if isinstance(value, bytes) and not moved_to(value) else b""

    def _open(self, name: str, value: bytes) -> Loaded:
        stamp = stamp_of(value)
        try:
            return Loaded(Session.from_bytes(self.ring.open(value, name)), stamp)
        except UnknownKey as error:
            log.error("session_unreadable", key=str(error))
        except Unreadable:
            log.error("session_unreadable", key="")
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
        names = self._all_names(key, session.phone)
        home = self.key(session.phone) if session.phone else key
        value = self.ring.seal(session.to_bytes(), home)
        end = "" if ends_at is None else repr(ends_at)
        counted = counted or Counted("", ())
        hers = self.names.of_phone(STOPPED, session.phone) if besides.wish else []
        keys = [home, DEADLINES, DUE, bucket(now), name_of_day(counted.day), STREAM, TO_ERASE, SINCE, *hers]
        keys += [*map(name_of, post), *map(name, void), *names]
        numbers = [KEPT, len(post), len(counted.fields), len(besides.audited), len(names)]
        of_each = [*posted(self.ring, post), *map(str, counted.fields), *besides.audited]
        args = [stamp, value, ttl, end, packed(heard), *numbers, *erased(besides), besides.wish, len(hers)]
        args += [*of_each, *void]
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
            for found in self.client.scan_iter("vt:s:*", count=1000):
                value = self.client.get(found)
                if not isinstance(value, bytes) or moved_to(value):
                    continue
                if session := self._open(found.decode(), value).session:
                    yield session
