"""Links: a record that only its token and its PIN together open, five tries, one day."""

import base64
import re
import secrets
from hashlib import sha256
from threading import BoundedSemaphore

import redis
import structlog
from argon2.low_level import Type, hash_secret_raw

from bot.audit.entry import Entry
from bot.audit.noting import burnt, opened
from bot.fault_points import reach
from bot.ports import LinkBusy, LinkGone, LinkRests, Opened, WrongPin
from bot.store.audit import NOTE, STREAM, RedisAudit
from bot.store.connect import our_errors
from bot.store.sealing import KeyRing, UnknownKey, Unreadable
from bot.store.wrong_pins import RedisWrongPins

log = structlog.get_logger()

LIFE = 24 * 3600  # seconds
TRIES = 5
SALT = 16  # bytes
TOKEN = re.compile(r"[a-z2-7]{25}[aeimquy4]")  # 128 bits; the last letter carries three of them
RETYPED = re.compile(rf"[\W_]*({TOKEN.pattern})[\W_]*", re.ASCII | re.IGNORECASE)
AT_ONCE = 4  # PINs evaluated at the same time in one process: 19 MiB and 20 ms each
PATIENCE = 5.0  # seconds to wait for a free place

# A try is raised before it is checked: tries = wrong ones + those being evaluated, never more than five.
TAKE_TRY = """
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
if redis.call('HINCRBY', KEYS[1], 'tries', 1) > tonumber(ARGV[1]) then
  redis.call('HINCRBY', KEYS[1], 'tries', -1)
  return false
end
local link = redis.call('HMGET', KEYS[1], 'sealed', 'about')
return {link[1], link[2], redis.call('TTL', KEYS[1])}
"""
# That it was opened is noted before anybody sees what was in it.
GIVE_BACK = f"""
{NOTE}
note(KEYS[2], 1, #ARGV)
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HINCRBY', KEYS[1], 'tries', -1) end
"""
COUNT_WRONG = f"""
{NOTE}
if redis.call('EXISTS', KEYS[1]) == 0 then return tonumber(ARGV[1]) end
local wrong = redis.call('HINCRBY', KEYS[1], 'wrong', 1)
if wrong >= tonumber(ARGV[1]) then
  redis.call('DEL', KEYS[1])
  note(KEYS[2], 2, 1)
end
return wrong
"""


class RedisLinks:
    """`vt:l:<hash of the token>`. No PIN verifier is kept: a wrong PIN is a failed decryption.

    In front of `sealed` is the id of its pepper, so that a PIN is evaluated once, however many peppers there are.
    At its end is the salt. `about` holds the language, where wrong PINs are counted over all links of a record, and
    what the audit trail calls the request. A look at a link changes no byte of it.
    """

    def __init__(self, client: redis.Redis, peppers: KeyRing, wrong_pins: RedisWrongPins, audit: RedisAudit) -> None:
        self.client = client
        self.peppers = peppers
        self.wrong_pins = wrong_pins
        self.audit = audit
        self.places = BoundedSemaphore(AT_ONCE)
        self.take_try = client.register_script(TAKE_TRY)
        self.give_back = client.register_script(GIVE_BACK)
        self.count_wrong = client.register_script(COUNT_WRONG)

    def seal(self, content: bytes, pin: str, *, language: str, record: str = "", request: str = "") -> str:
        token = new_token()
        name, salt = _name(token), secrets.token_bytes(SALT)
        sealed = self._ring(token, pin, salt).seal(content, name) + salt
        reach("work_sealed_before_put")
        with our_errors(), self.client.pipeline(transaction=True) as pipe:
            about = f"{language} {self.wrong_pins.name(record)} {request}"
            pipe.hset(name, mapping={"sealed": sealed, "about": about, "tries": 0, "wrong": 0})
            pipe.expire(name, LIFE)
            pipe.execute()
        return token

    def spelled(self, text: str) -> str:
        """In capitals, or with signs of the sentence around it that a messenger took for its end: "ABC...)." """
        found = RETYPED.fullmatch(text)
        return found[1].lower() if found else ""

    def rests(self, record: str) -> bool:
        return self.wrong_pins.rests(record)

    def language(self, token: str) -> str:
        """The language of a link that still works; changes nothing. Raises LinkGone."""
        with our_errors():
            about = self.client.hget(_name(token), "about") if is_token(token) else None
        if not isinstance(about, bytes):
            raise LinkGone
        return about.decode(errors="replace").partition(" ")[0]

    def open(self, token: str, pin: str) -> Opened | WrongPin:
        """Raises LinkGone, LinkRests or LinkBusy. `pin` is any text; every call that evaluates it costs a try."""
        if not is_token(token):
            raise LinkGone
        if not self.places.acquire(timeout=PATIENCE):
            raise LinkBusy
        try:
            return self._open(token, pin)
        finally:
            self.places.release()

    def _open(self, token: str, pin: str) -> Opened | WrongPin:
        name = _name(token)
        with our_errors():
            taken = self.take_try(keys=[name], args=[TRIES])
        if not taken:
            raise LinkGone
        sealed, about, seconds_left = taken
        try:
            record, request = _read(sealed, about)
        except ValueError:
            log.error("link_unreadable", key="")
            self._give_back(name)
            raise LinkGone from None
        if not self.wrong_pins.allow(record):
            self._give_back(name)
            raise LinkRests
        try:
            content = self._ring(token, pin, sealed[-SALT:]).open(sealed[:-SALT], name)
        except UnknownKey as error:
            log.error("link_unreadable", key=str(error))
            self.wrong_pins.take_back(record)
            self._give_back(name)  # nobody's PIN was wrong; another process may know that pepper
            raise LinkGone from None
        except Unreadable:
            return self._wrong(name, request)
        self.wrong_pins.begin_anew(record)
        self._give_back(name, opened(self.audit.key, request, self.audit.now()))
        return Opened(content, seconds_left)

    def _give_back(self, name: str, *noted: Entry) -> None:
        with our_errors():
            self.give_back(keys=[name, STREAM], args=[self.audit.sealed(entry) for entry in noted])

    def _wrong(self, name: str, request: str) -> WrongPin:
        entry = self.audit.sealed(burnt(self.audit.key, request, self.audit.now()))
        with our_errors():
            wrong = int(self.count_wrong(keys=[name, STREAM], args=[TRIES, entry]))
        if wrong >= TRIES:
            raise LinkGone
        return WrongPin(TRIES - wrong)

    def _ring(self, token: str, pin: str, salt: bytes) -> KeyRing:
        """argon2id at OWASP's profile: 19 MiB, two passes, one lane."""
        slow = hash_secret_raw(
            pin.encode(), salt, time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, type=Type.ID
        )
        return self.peppers.derived("vaxtext link", token.encode() + slow)


def new_token() -> str:
    """128 random bits in lower-case base32: 26 letters and digits that survive every phone."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def is_token(text: str) -> bool:
    """Whether this is the one spelling of a token."""
    return TOKEN.fullmatch(text) is not None


def _read(sealed: object, about: object) -> tuple[str, str]:
    """Where wrong PINs are counted, and what the audit trail calls the request, whichever version of us wrote fewer or
    more. Raises ValueError."""
    if not isinstance(sealed, bytes) or not isinstance(about, bytes):
        raise ValueError("a field is missing")
    _, record, request, *_ = (*about.decode().split(" "), "", "")
    return record, request


def _name(token: str) -> str:
    return f"vt:l:{sha256(token.encode()).hexdigest()}"
