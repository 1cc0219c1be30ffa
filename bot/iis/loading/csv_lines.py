"""The lines of a text file whose encoding nobody wrote down: UTF-8, UTF-16 or Windows-1252."""

import codecs
import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

Advance = Callable[[int], object]

UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
MARKS = (codecs.BOM_UTF8, *UTF16)
REPLACED = "\N{REPLACEMENT CHARACTER}"


def lines(file: BinaryIO, advance: Advance) -> Iterator[str | None]:
    """Each line, None for one that is not in the file's encoding; `advance` hears how many bytes it had."""
    first = file.readline()
    mark = next((mark for mark in MARKS if first.startswith(mark)), b"")
    advance(len(mark))
    unmarked = first.removeprefix(mark)
    yield from _utf16(unmarked, file, advance, UTF16[mark]) if mark in UTF16 else _bytewise(unmarked, file, advance)


def _bytewise(first: bytes, file: BinaryIO, advance: Advance) -> Iterator[str | None]:
    """The first line that is more than ASCII decides: hardly any text is UTF-8 by accident."""
    encoding = ""
    line = first
    while line:
        if not encoding and not line.isascii():
            encoding = "utf-8" if _decoded(line, "utf-8") is not None else "windows-1252"
        yield _decoded(line, encoding or "ascii")
        advance(len(line))
        line = file.readline()


def _decoded(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None


def _utf16(first: bytes, file: BinaryIO, advance: Advance, codec: str) -> Iterator[str | None]:
    decoder = codecs.getincrementaldecoder(codec)("replace")
    left, piece = "", first
    while piece:
        *whole, left = (left + decoder.decode(piece)).split("\n")
        yield from map(_readable, whole)
        advance(len(piece))
        piece = file.read(io.DEFAULT_BUFFER_SIZE)
    if left:
        yield _readable(left)


def _readable(line: str) -> str | None:
    return None if REPLACED in line else line
