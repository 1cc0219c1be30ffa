"""Encryption for what we keep: key rings with ids, AES-256-GCM, HKDF."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12  # bytes
KEY = 32  # bytes
LONGEST_ID = 16  # letters


class Unreadable(Exception):
    """The value was sealed under another key or name, or was changed."""


class UnknownKey(Unreadable):
    """No key of the ring has the id that the value names. The text is that id."""


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """Keys by id. The first seals, all open: so keys can be changed without losing anything."""

    keys: Mapping[str, bytes]

    @property
    def first(self) -> str:
        """The id of the key that seals."""
        return next(iter(self.keys))

    def derived(self, purpose: str, material: bytes = b"") -> "KeyRing":
        """A ring with the same ids for one purpose, whose keys tell nothing of those of another."""
        return KeyRing({key_id: derive(key, material, purpose) for key_id, key in self.keys.items()})

    def seal(self, plain: bytes, name: str) -> bytes:
        """ "<key id>.<nonce><ciphertext>"; the name it is stored under is authenticated with it."""
        return self.first.encode() + b"." + seal(self.keys[self.first], plain, name)

    def open(self, sealed: bytes, name: str) -> bytes:
        """Raises UnknownKey or Unreadable."""
        before, _, rest = sealed.partition(b".")
        key_id = before[:LONGEST_ID].decode("ascii", errors="replace")
        if (key := self.keys.get(key_id)) is None:
            raise UnknownKey(key_id)
        return open_sealed(key, rest, name)


def stamp_of(value: bytes) -> bytes:
    """The key id and the random nonce with which a ring's value begins: no two values share them."""
    return value[: value.index(b".") + 1 + NONCE]


def seal(key: bytes, plain: bytes, name: str) -> bytes:
    """A fresh nonce in front of the ciphertext."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, name.encode())


def open_sealed(key: bytes, sealed: bytes, name: str) -> bytes:
    """Raises Unreadable."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], name.encode())
    except (InvalidTag, ValueError):
        raise Unreadable from None


def derive(secret: bytes, material: bytes, purpose: str) -> bytes:
    """A key for one purpose (HKDF-SHA-256, RFC 5869), 32 bytes. `secret` is the salt."""
    return HKDF(algorithm=SHA256(), length=KEY, salt=secret, info=purpose.encode()).derive(material)
