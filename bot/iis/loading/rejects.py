"""The file that says what a load could not take: file, line and reason, and nothing of the person."""

import csv
import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from bot.iis.loading.entries import Rejected

HEADER = ("file", "line", "reason")
FIRST_LINE = ",".join(HEADER).encode()


class RejectFile:
    """Takes the place of the list that an earlier load left, and is gone at the end if it is empty. For our eyes only.

    Made before the load begins, so that a place where it cannot be is known then. Raises OSError with its name.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._empty = True

    def __enter__(self) -> Self:
        with _named(self._path):
            _remove_older(self._path)
            self._file = _make(self._path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # all that counts was flushed
            self._file.close()
        if self._empty:
            self._path.unlink(missing_ok=True)

    def write(self, rejected: Iterable[Rejected]) -> None:
        rows = [one.row for one in rejected]
        if not rows:
            return
        with _named(self._path):
            csv.writer(self._file).writerows([HEADER, *rows] if self._empty else rows)
            self._empty = False
            self._file.flush()


def _remove_older(path: Path) -> None:
    """Nothing but a list of ours: not the registry's export, its database or /dev/null."""
    try:
        path.lstat()
    except FileNotFoundError:
        return
    if not _is_ours(path):
        raise OSError(errno.EEXIST, "is there already, and is no list of rejects: name another with --rejects")
    path.unlink()


def _is_ours(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        begin = file.read(len(FIRST_LINE))
    return begin in (b"", FIRST_LINE)


def _make(path: Path) -> TextIO:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return open(file, "w", encoding="utf-8", errors="backslashreplace", newline="")  # file names may be anything


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """An OSError of a write says not which file it was."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(error.filename or path)) from None
