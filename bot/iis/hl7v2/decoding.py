"""Bytes to text, by the character set that MSH-18 declares. Pure."""

import re
from collections.abc import Sequence

from bot.iis.hl7v2.errors import MessageError

UNDECLARED = ("", "ASCII", "UNICODE", "UNICODE UTF-8", "UTF-8", "UTF8")
CHARSETS = {"GB 18030-2000": "gb18030", "KS X 1001": "euc_kr", "CNS 11643-1992": "euc_tw", "BIG-5": "big5"}
LATIN = re.compile(r"(?:ISO)?8859[/-](\d{1,2})")


def decode(lines: Sequence[bytes]) -> list[str]:
    """The lines of one message, MSH first. Raises MessageError.

    Who declares nothing or ASCII often writes what Windows writes: such bytes are read as that where they are
    no UTF-8.
    """
    charset = _declared(lines[0])
    encodings = ("utf-8", "cp1252") if charset in UNDECLARED else (_encoding(charset),)
    for encoding in encodings:
        try:
            return [line.decode(encoding) for line in lines]
        except UnicodeDecodeError:
            continue
    raise MessageError("it is not in the character set that it declares (MSH-18)")


def _declared(header: bytes) -> str:
    """MSH-18, the first: any others come into play by escape sequences."""
    fields = header.split(header[3:4] or b"|")
    first = fields[17].split(header[5:6] or b"~")[0] if len(fields) > 17 else b""
    return first.decode("ascii", "replace").strip().upper()


def _encoding(charset: str) -> str:
    if latin := LATIN.fullmatch(charset):
        charset = f"iso8859-{int(latin[1])}"
        if int(latin[1]) in range(1, 17) and int(latin[1]) != 12:
            return charset
    if charset in CHARSETS:
        return CHARSETS[charset]
    raise MessageError("it is in a character set that we do not read (MSH-18)")
