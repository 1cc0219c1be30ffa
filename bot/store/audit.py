"""What is to go into the audit trail: in Redis, sealed, until a worker has written it there.

So a turn never waits for a database, and a database that is away for a day loses nothing.
"""

from collections.abc import Callable, Iterator, Sequence

import redis
import structlog

from bot.audit.entry import Entry
from bot.audit.key import AuditKey
from bot.ports import Backlog
from bot.store.connect import our_errors
from bot.store.sealing import KeyRing, Unreadable

log = structlog.get_logger()

STREAM = "vt:a"
PAGE = 500

# ARGV from `a` on are sealed entries.
NOTE = """
local function note(stream, a, count)
  for n = a, a + count - 1 do redis.call('XADD', stream, '*', 'e', ARGV[n]) end
end
"""


def audit_keys(ring: KeyRing) -> list[AuditKey]:
    """The first gives the pseudonyms and chains the rows; by the others older rows are found and checked."""
    return [AuditKey(key_id, key) for key_id, key in ring.derived("vaxtext audit").keys.items()]


# An empty stream would stay for ever.
DONE = """
redis.call('XDEL', KEYS[1], unpack(ARGV))
if redis.call('XLEN', KEYS[1]) == 0 then redis.call('DEL', KEYS[1]) end
"""


class RedisAudit:
    """The stream `vt:a`. Scripts that save a turn, a delivery or a try at a link add to it."""

    def __init__(self, client: redis.Redis, ring: KeyRing, key: AuditKey, now: Callable[[], float]) -> None:
        self.client = client
        self.ring = ring
        self.key = key
        self.now = now
        self.forget = client.register_script(DONE)

    def sealed(self, entry: Entry) -> bytes:
        return self.ring.seal(entry.to_bytes(), STREAM)

    def pages(self) -> Iterator[Sequence[tuple[str, Entry]]]:
        """What nobody can open is left where it is, and the log says so."""
        start = "-"
        while found := self._range(start):
            known = [(name, self._opened(sealed)) for name, sealed in found]
            if unreadable := sum(entry is None for _, entry in known):
                log.error("audit_unreadable", count=unreadable)
            yield [(name, entry) for name, entry in known if entry]
            start = f"({found[-1][0]}"

    def done(self, names: Sequence[str]) -> None:
        with our_errors():
            self.forget(keys=[STREAM], args=list(names))

    def backlog(self) -> Backlog:
        with our_errors(), self.client.pipeline(transaction=False) as pipe:
            pipe.xlen(STREAM)
            pipe.xrange(STREAM, count=1)
            pipe.time()
            waiting, first, (seconds, _) = pipe.execute()
        since = int(first[0][0].partition(b"-")[0]) / 1000 if first else seconds
        return Backlog(int(waiting), max(0.0, seconds - since))

    def _range(self, start: str) -> list[tuple[str, bytes]]:
        with our_errors():
            found = self.client.xrange(STREAM, min=start, count=PAGE)
        assert isinstance(found, list)  # noqa: S101 - the client waits for its answer
        return [(_text(name), _bytes((fields or {})[b"e"])) for name, fields in found]

    def _opened(self, sealed: bytes) -> Entry | None:
        try:
            return Entry.from_bytes(self.ring.open(sealed, STREAM))
        except Unreadable:
            return None


def _text(value: object) -> str:
    assert isinstance(value, bytes)  # noqa: S101 - our client decodes nothing
    return value.decode()


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)  # noqa: S101
    return value
