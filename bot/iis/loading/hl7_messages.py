"""Cuts a file into HL7 messages, in flat memory, whatever its line ends, framing and wrappers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from bot.iis.loading.bounded import CHUNK

LONGEST = 4_000_000  # bytes of a message: the longest histories have some hundred thousand
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
FRAMING = b"\x0b\x1c \t"  # MLLP puts the first two before and after a message
BEGIN = re.compile(rb"MSH[^0-9A-Za-z\s]")
WRAPPER = re.compile(rb"(?P<kind>FHS|BHS|BTS|FTS)(?:[^0-9A-Za-z\s]|$)")


@dataclass(slots=True)
class RawMessage:
    """The lines between one MSH and the next, or what stands where no message is."""

    first: int  # the number of its first line
    wrapper: bytes = b""  # FHS or BHS if a batch begins before it, BTS or FTS if one ends
    lines: list[bytes] = field(default_factory=list)
    size: int = 0  # in the file, with line ends

    def __repr__(self) -> str:
        return f"RawMessage(line {self.first})"

    @property
    def is_message(self) -> bool:
        return bool(self.lines and BEGIN.match(self.lines[0]))

    @property
    def is_blank(self) -> bool:
        return not any(map(bytes.strip, self.lines))

    @property
    def is_too_long(self) -> bool:
        return self.size > LONGEST

    def add(self, line: bytes, size: int) -> None:
        """Of what is too long only the size is kept."""
        self.size += size
        if not self.is_too_long:
            self.lines.append(line)


def raw_messages(file: BinaryIO) -> Iterator[RawMessage]:
    """All of the file, piece by piece."""
    piece = RawMessage(1)
    for number, (raw, size) in enumerate(_lines(file), 1):
        line = (raw.removeprefix(BYTE_ORDER_MARK) if number == 1 else raw).strip(FRAMING)
        if BEGIN.match(line) or WRAPPER.match(line):
            yield piece
            piece = RawMessage(number, _wrapper(line))
        piece.add(b"" if piece.wrapper and number == piece.first else line, size)
    yield piece


def _wrapper(line: bytes) -> bytes:
    found = WRAPPER.match(line)
    return found["kind"] if found else b""


def _lines(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Each line, and how many bytes it takes with its end. One that is far too long comes in parts."""
    rest = b""
    while chunk := file.read(CHUNK):
        *lines, rest = (rest + chunk).splitlines(keepends=True)  # the last may go on: also after \r comes \n
        for line in lines:
            yield line.rstrip(b"\r\n"), len(line)
        if len(rest) > LONGEST:
            yield rest, len(rest)
            rest = b""
    if rest:
        yield rest.rstrip(b"\r\n"), len(rest)
