"""The lines of a file, none of them longer than memory should bear."""

from collections.abc import Iterator
from typing import BinaryIO

CHUNK = 262_144  # bytes


def bounded(file: BinaryIO, longest: int) -> Iterator[tuple[bytes | None, int]]:
    """Each line with its end, or None for one that is longer; and how many bytes it has."""
    while line := file.readline(longest + 1):
        if len(line) <= longest:
            yield line, len(line)
        else:
            yield None, len(line) + _skip(file, line)


def _skip(file: BinaryIO, line: bytes) -> int:
    """Read on to the end of the line, and keep nothing of it."""
    skipped = 0
    while line and not line.endswith(b"\n"):
        line = file.readline(CHUNK)
        skipped += len(line)
    return skipped
