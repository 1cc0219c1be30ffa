"""The file that says what a load could not take: file, line and reason, and nothing of the person."""

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from bot.iis.loading.entries import Rejected


class RejectFile:
    """Made with the first thing rejected; one that an earlier load left is removed. For our eyes only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        self._path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def write(self, rejected: Iterable[Rejected]) -> None:
        rows = [one.row for one in rejected]
        if not rows:
            return
        if self._file is None:
            self._file = _make(self._path)
            csv.writer(self._file).writerow(("file", "line", "reason"))
        csv.writer(self._file).writerows(rows)
        self._file.flush()


def _make(path: Path) -> TextIO:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="")
