"""HL7 v2 files."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from bot.iis.entries import Entry, Rejected


def read(path: Path, file: BinaryIO, advance: Callable[[int], object]) -> Iterator[Entry]:
    yield Rejected(str(path), "HL7")
