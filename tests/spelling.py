"""Every spelling in which something personal may stand somewhere, and whether one of them does."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

SHORT = 5  # letters, below which chance would find a word in any id
ENOUGH = 5  # whole letters of base64, which are 30 bits


def spellings(text: str) -> Iterator[bytes]:
    """Plain, in JSON, in addresses, in hex, in base64 wherever it begins in what was encoded, and in UTF-16."""
    plain = text.encode()
    yield plain
    yield json.dumps(text)[1:-1].encode()
    yield quote(text, safe="").encode()
    yield quote_plus(text).encode()
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    yield from (text.encode(f"utf-16-{order}") for order in ("le", "be"))
    for inner in _in_base64(plain):
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))


def clear(held: bytes | str, personal: Iterable[str]) -> list[str]:
    """Those that stand there in whatever spelling."""
    data = held.encode() if isinstance(held, str) else held
    return [text for text in personal if any(_stands_in(data, text, spelled) for spelled in set(spellings(text)))]


def _in_base64(plain: bytes) -> Iterator[bytes]:
    """The letters that say nothing of what stands before or behind."""
    for offset in range(3):
        bits, end = 8 * offset, 8 * (offset + len(plain))
        encoded = base64.b64encode(b"x" * offset + plain)
        inner = encoded[-(-bits // 6) : end // 6]
        if len(inner) >= ENOUGH:
            yield inner


def _stands_in(data: bytes, text: str, spelled: bytes) -> bool:
    """Four digits may come by chance inside a longer id or after the point of a number; a PIN stands by itself."""
    if len(text) >= SHORT or spelled != text.encode():
        return spelled in data
    return bool(re.search(rb"(?<![0-9A-Za-z.+/_-])" + re.escape(spelled) + rb"(?![0-9A-Za-z+/_-])", data))
