"""Which reader a registry's file needs, told by how it begins; what is packed with gzip is unpacked on the way."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from bot.iis.loading import csv_files, fhir_files, hl7_files
from bot.iis.loading.entries import Entry, ManyRejected, Rejected, too_many_rejected

Advance = Callable[[int], object]
Reader = Callable[[Path, BinaryIO, Advance], Iterator[Entry]]

GZIP = b"\x1f\x8b"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
UTF8_MARK = b"\xef\xbb\xbf"
HL7_BEGINS = (b"MSH|", b"FHS|", b"BHS|", b"\x0b")
NO_FILE = (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)
NAME_IT = "Name a file that is there and that we may read."
NOT_OURS = "Export it in one of these forms, and load that."
READERS: dict[str, Reader] = {
    ".csv": csv_files.read,
    ".tsv": csv_files.read,
    ".txt": csv_files.read,
    ".ndjson": fhir_files.read,
    ".json": fhir_files.read,
    ".hl7": hl7_files.read,
}


def read_files(paths: Iterable[Path], advance: Advance) -> Iterator[Entry | ManyRejected]:
    """What is in the files, in their order; `advance` hears how many bytes of them were read."""
    for path in paths:
        rejected = records = 0
        for entry in _read_file(path, advance):
            records += 1
            rejected += isinstance(entry, Rejected)
            yield entry
        if too_many_rejected(rejected, records):
            yield ManyRejected(str(path), rejected, records)


def _read_file(path: Path, advance: Advance) -> Iterator[Entry]:
    try:
        with path.open("rb") as file:
            yield from _read(path, file, advance)
    except NO_FILE as error:
        yield Rejected(str(path), str(error.strerror), then=NAME_IT)
    except (OSError, EOFError, zlib.error) as error:  # the last two: gzip cut off, gzip damaged
        yield Rejected(str(path), getattr(error, "strerror", None) or "the file is cut off or damaged")


def _read(path: Path, file: io.BufferedReader, advance: Advance) -> Iterator[Entry]:
    if not file.peek(2).startswith(GZIP):
        yield from _read_plain(path, file, advance)
        return
    with gzip.open(file) as unpacked:
        yield from _read_plain(path, io.BufferedReader(unpacked), _Unpacking(file, advance))


def _read_plain(path: Path, file: io.BufferedReader, advance: Advance) -> Iterator[Entry]:
    begin = file.peek(1000)
    reader = _reader(path, begin)
    if not begin:
        yield Rejected(str(path), "the file is empty")
    elif reader is None:
        yield Rejected(str(path), "neither FHIR (JSON) nor HL7 v2 nor CSV", then=NOT_OURS)
    else:
        yield from reader(path, file, advance)


def _reader(path: Path, begin: bytes) -> Reader | None:
    words = begin.removeprefix(UTF8_MARK).lstrip()
    if words.startswith((b"{", b"[")):
        return fhir_files.read
    if words.startswith(HL7_BEGINS):
        return hl7_files.read
    if begin.startswith(UTF16) or csv_files.is_header(words):
        return csv_files.read
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    return READERS.get(suffixes[-1]) if suffixes else None


class _Unpacking:
    """Counts what was read of the packed file, which is what the progress bar knows the size of."""

    def __init__(self, file: BinaryIO, advance: Advance) -> None:
        self._file, self._advance, self._before = file, advance, 0

    def __call__(self, _unpacked: int) -> None:
        if not self._file.seekable():
            return  # a pipe has no size either
        now = self._file.tell()
        self._advance(now - self._before)
        self._before = now
