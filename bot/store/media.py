"""Files at addresses that nobody can guess, for ten minutes: the picture of a message, the downloads of a page."""

from hashlib import sha256

import redis

from bot.store.connect import our_errors
from bot.store.links import is_token, new_token
from bot.store.sealing import KeyRing, Unreadable

LIFE = 600  # seconds
LONGEST = 24 * 3600  # seconds for which a message may still be sent


class RedisMedia:
    """`vt:m:<hash of the token>`, sealed under the token itself, which is not kept, and the first pepper."""

    life = LIFE

    def __init__(self, client: redis.Redis, peppers: KeyRing) -> None:
        self.client = client
        self.peppers = peppers

    def mint(self, content: bytes, suffix: str) -> str:
        return self._store(new_token(), content, suffix, LIFE)

    def keep(self, token: str, content: bytes, suffix: str) -> None:
        self._store(token, content, suffix, LIFE)

    def prepare(self, content: bytes, suffix: str) -> str:
        """Nobody knows the address before the message is sent, however often that is tried."""
        return self._store(new_token(), content, suffix, LONGEST)

    def hand_over(self, token: str, suffix: str) -> None:
        with our_errors():
            self.client.expire(_name(token, suffix), LIFE)

    def take_back(self, token: str, suffix: str) -> bool:
        with our_errors():
            return bool(self.client.expire(_name(token, suffix), LONGEST))

    def _store(self, token: str, content: bytes, suffix: str, life: int) -> str:
        name = _name(token, suffix)
        with our_errors():
            self.client.set(name, self._ring(token).seal(content, name), ex=life)
        return token

    def read(self, token: str, suffix: str) -> bytes | None:
        """The file, or None: unknown, expired or asked for under another suffix."""
        if not is_token(token):
            return None
        name = _name(token, suffix)
        with our_errors():
            sealed = self.client.get(name)
        try:
            return self._ring(token).open(sealed, name) if isinstance(sealed, bytes) else None
        except Unreadable:
            return None

    def _ring(self, token: str) -> KeyRing:
        return self.peppers.derived("vaxtext media", token.encode())


def _name(token: str, suffix: str) -> str:
    return f"vt:m:{sha256(f'{token}.{suffix}'.encode()).hexdigest()}"
