"""Names in Redis that tell nothing of whose they are."""

import hmac
from dataclasses import dataclass

from bot.store.sealing import KeyRing


@dataclass(frozen=True, slots=True)
class Names:
    """By every key of the index, the first key's first: that is the name for what is new, and for what is moved.

    `<kind>:<key id>:<40 hexadecimal digits of an HMAC-SHA-256>`.
    """

    ring: KeyRing

    @property
    def each(self) -> int:
        """How many names everything has."""
        return len(self.ring.keys)

    def of_phone(self, kind: str, phone: str) -> list[str]:
        """The same phone always has the same names."""
        return self._names(kind, phone.encode())

    def of_parts(self, kind: str, *parts: str) -> list[str]:
        """The same texts in the same order always have the same names, and others have others."""
        return self.of_credentials(kind, *(part.encode() for part in parts))

    def of_credentials(self, kind: str, *shown: bytes) -> list[str]:
        """The same credentials always have the same names, and others have others."""
        return self._names(kind, b"".join(len(part).to_bytes(4, "big") + part for part in shown))

    def _names(self, kind: str, secret: bytes) -> list[str]:
        keys = self.ring.keys.items()
        return [f"{kind}:{key_id}:{hmac.digest(key, secret, 'sha256').hex()[:40]}" for key_id, key in keys]
