"""Whether something personal stands somewhere: folded or not, escaped or encoded, alone or in the midst of others."""

import base64
import binascii
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_to_bytes

from bot.conversation.folding import fold

SHORT = 5  # letters, below which chance would find a word in any id
ENOUGH = 5  # whole letters of base64, which are 30 bits
HEX = b"0123456789ABCDEFabcdef"
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
NO_HEX = bytes(byte for byte in range(256) if byte not in HEX)
NO_BASE64 = bytes(byte for byte in range(256) if byte not in BASE64)
URL_SAFE = bytes.maketrans(b"-_", b"+/")


def clear(held: bytes | str, personal: Iterable[str]) -> list[str]:
    """Those that stand there in whatever spelling."""
    data = held.encode() if isinstance(held, str) else held
    readings = list(_readings(data))
    return [text for text in personal if (_is_alone(text, data) if len(text) < SHORT else _is_in(text, readings))]


def _readings(data: bytes) -> Iterator[bytes]:
    """As it stands, and all that may be read in it as hex or base64, wherever that begins. In small letters.

    Without the NULs that UTF-16 puts between letters; %41 and + are read as in addresses.
    """
    plain = unquote_to_bytes(data.replace(b"\0", b""))
    yield plain.replace(b"+", b" ").lower()
    digits, letters = plain.translate(None, NO_HEX), plain.translate(URL_SAFE).translate(None, NO_BASE64)
    for offset in range(2):
        yield binascii.unhexlify(digits[offset : len(digits) - (len(digits) - offset) % 2]).lower()
    for offset in range(4):
        begun = b"A" * offset + letters
        yield base64.b64decode(begun + b"A" * (-len(begun) % 4)).lower()


def _is_in(text: str, readings: Iterable[bytes]) -> bool:
    written = set(_written(text))
    return any(each in reading for reading in readings for each in written)


def _written(text: str) -> Iterator[bytes]:
    """In bytes, in JSON, as Python prints bytes, and in UTF-16. Capitals count only where they are not ASCII's."""
    for each in {text, text.lower(), text.upper(), fold(text), unicodedata.normalize("NFD", text)}:
        plain = each.encode().replace(b"+", b" ")
        yield plain.lower()
        yield json.dumps(each)[1:-1].replace("+", " ").lower().encode()
        yield repr(plain)[2:-1].lower().encode()
        yield from (each.encode(f"utf-16-{order}").replace(b"\0", b"").lower() for order in ("le", "be"))


def _is_alone(text: str, data: bytes) -> bool:
    """Four digits may come by chance inside a longer id or after the point of a number; a PIN stands by itself."""
    plain = text.encode()
    by_itself = rb"(?<![0-9A-Za-z.+/_-])" + re.escape(plain) + rb"(?![0-9A-Za-z+/_-])"
    return bool(re.search(by_itself, data)) or any(encoded in data for encoded in _encoded(plain))


def _encoded(plain: bytes) -> Iterator[bytes]:
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    yield from (plain.decode().encode(f"utf-16-{order}") for order in ("le", "be"))
    for offset in range(3):  # the letters of base64 that say nothing of what stands before or behind
        bits, end = 8 * offset, 8 * (offset + len(plain))
        inner = base64.b64encode(b"x" * offset + plain)[-(-bits // 6) : end // 6]
        if len(inner) >= ENOUGH:
            yield inner
            yield inner.translate(bytes.maketrans(b"+/", b"-_"))
