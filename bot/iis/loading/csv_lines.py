"""The lines of a text file whose encoding nobody wrote down: UTF-8, UTF-16 or Windows-1252."""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from bot.iis.loading.bounded import CHUNK, bounded

Advance = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands for a line that is no text of ours."""

    reason: str


LONGEST = 1_000_000  # bytes, in UTF-16 characters; a person with her dose takes some hundred
TOO_LONG = Unreadable(f"a line of more than {LONGEST:,} characters")
OTHER_LETTERS = Unreadable("letters that are not in the file's encoding")
UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
MARKS = (codecs.BOM_UTF8, *UTF16)
REPLACED = "\N{REPLACEMENT CHARACTER}"

Sized = tuple[bytes | None, int]


def lines(file: BinaryIO, advance: Advance) -> Iterator[str | Unreadable]:
    """Each line, with its end if it has one; `advance` hears how many bytes it had."""
    pieces = bounded(file, LONGEST)
    first, size = next(pieces, (b"", 0))
    mark = next((mark for mark in MARKS if first and first.startswith(mark)), b"")
    advance(len(mark))
    if first is not None and mark in UTF16:
        yield from _utf16(first.removeprefix(mark), file, advance, UTF16[mark])
    else:
        begin = (first and first.removeprefix(mark), size - len(mark))
        yield from _bytewise(chain([begin], pieces), advance)


def _bytewise(pieces: Iterator[Sized], advance: Advance) -> Iterator[str | Unreadable]:
    """The first line that is more than ASCII decides: hardly any text is UTF-8 by accident."""
    encoding = ""
    for line, size in pieces:
        if line is None:
            yield TOO_LONG
        else:
            if not encoding and not line.isascii():
                encoding = "utf-8" if _decoded(line, "utf-8") != OTHER_LETTERS else "windows-1252"
            yield _decoded(line, encoding or "ascii")
        advance(size)


def _decoded(line: bytes, encoding: str) -> str | Unreadable:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return OTHER_LETTERS


def _utf16(first: bytes, file: BinaryIO, advance: Advance, codec: str) -> Iterator[str | Unreadable]:
    decoder = codecs.getincrementaldecoder(codec)("replace")
    left, piece = "", first
    while piece:
        *whole, left = (left + decoder.decode(piece)).split("\n")
        yield from (_readable(f"{line}\n") for line in whole)
        left = left[: LONGEST + 1]  # so much is too long already
        advance(len(piece))
        piece = file.read(CHUNK)
    if left:
        yield _readable(left)


def _readable(line: str) -> str | Unreadable:
    if len(line) > LONGEST:
        return TOO_LONG
    return OTHER_LETTERS if REPLACED in line else line
