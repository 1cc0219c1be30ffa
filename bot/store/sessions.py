"""Sessions: one encrypted value for each phone, saved only over what was loaded."""

from collections.abc import Iterator

import redis

from bot.conversation.session import Session
from bot.ports import Loaded, SessionConflict
from bot.store.connect import our_errors
from bot.store.naming import of_phone
from bot.store.sealing import NONCE, KeyRing, Unreadable

# A value begins with its key id and its random nonce: that is its stamp, and no two values share one.
SAVE = """
local current = redis.call('GET', KEYS[1])
if ARGV[1] == '' then
  if current then return 0 end
elseif not current or string.sub(current, 1, #ARGV[1]) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""


class RedisSessions:
    """`vt:s:<hmac of the phone>`: nothing in Redis tells whose it is or what it says."""

    def __init__(self, client: redis.Redis, ring: KeyRing, index_key: bytes) -> None:
        self.client = client
        self.ring = ring
        self.index_key = index_key
        self.script = client.register_script(SAVE)

    def key(self, phone: str) -> str:
        return f"vt:s:{of_phone(self.index_key, phone)}"

    def load(self, key: str) -> Loaded:
        """One round trip. What cannot be read any more (a lost key) counts as no session."""
        with our_errors():
            value = self.client.get(key)
        if not isinstance(value, bytes):
            return Loaded(None, b"")
        stamp = value[: value.index(b".") + 1 + NONCE]
        try:
            return Loaded(Session.from_bytes(self.ring.open(value, key)), stamp)
        except Unreadable:
            return Loaded(None, stamp)

    def save(self, key: str, session: Session, stamp: bytes, ttl: int) -> None:
        """One round trip."""
        value = self.ring.seal(session.to_bytes(), key)
        with our_errors():
            saved = self.script(keys=[key], args=[stamp, value, ttl])
        if not saved:
            raise SessionConflict

    def every(self) -> Iterator[Session]:
        """All sessions that there are, for counting; reads the whole store."""
        with our_errors():
            for name in self.client.scan_iter("vt:s:*", count=1000):
                if session := self.load(name.decode()).session:
                    yield session

    def ping(self) -> None:
        with our_errors():
            self.client.ping()
