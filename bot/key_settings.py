"""Rings of keys as settings write them, `id:key,id:key`, and which keys are none."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from bot.store.sealing import LONGEST_ID, KeyRing

KEY_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_ID}}}")
RINGS = {
    "secret_keys": "sessions and messages",
    "link_pepper": "links, pictures and files",
    "index_keys": "names of phones in Redis",
    "log_keys": "whose line a line of the log is",
    "audit_keys": "who is who in the audit trail, for six years",
}
BYTES = 32
MANY = 20  # different ones among 32 random bytes: fewer come once in 10^10 keys
PAIRS = "write 'id:key' pairs with a comma between them, each id once"


def read_ring(text: str) -> KeyRing:
    """Raises ValueError with what to write, and nothing of the keys."""
    return KeyRing(dict(_pairs(text)))


def write_ring(keys: Mapping[str, str]) -> str:
    return ",".join(f"{key_id}:{key}" for key_id, key in keys.items())


def texts(text: str) -> dict[str, str]:
    """The keys of a ring that was found right, as they are written."""
    return dict(part.strip().split(":", 1) for part in text.split(",") if part.strip())


def _pairs(text: str) -> Iterator[tuple[str, bytes]]:
    seen: dict[str, bytes] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        key_id, colon, key = part.partition(":")
        if not colon and _is_key(part):
            raise ValueError(f"{PAIRS}; this is a key without an id: write an id, such as 2026, and a colon before it")
        if not colon or not KEY_ID.fullmatch(key_id) or key_id in seen:
            raise ValueError(f"{PAIRS}; an id has up to {LONGEST_ID} letters, digits, - and _")
        read = _key(key)
        if read in seen.values():
            raise ValueError(f"one key is there twice, also as {key_id}; 'vaxtext keys secret' prints another")
        seen[key_id] = read
        yield key_id, read
    if not seen:
        raise ValueError(PAIRS)


def _is_key(text: str) -> bool:
    try:
        return bool(_key(text))
    except ValueError:
        return False


def _key(text: str) -> bytes:
    """32 random bytes in base64, as `vaxtext keys secret` prints them."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != BYTES or not _looks_random(key):
        raise ValueError("write 32 random bytes in base64; 'vaxtext keys secret' prints one")
    return key


def _looks_random(key: bytes) -> bool:
    """Not few bytes again and again, not what counts up or down, not words that somebody thought of."""
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    return len(set(key)) >= MANY and len(steps) > 4 and not all(32 <= byte < 127 for byte in key)
