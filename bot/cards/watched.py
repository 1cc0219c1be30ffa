"""What the files of a folder say, as they are now: read again when a glance shows a change."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger()

T = TypeVar("T")
READINGS = 3  # of a folder that has changed, before the last good state is kept
Glance = tuple[tuple[str | int, ...], ...]


class Watched(Generic[T]):
    """The first reading raises what `read` raises; a later one that fails changes nothing, and the log says so.

    A glance is a stat of each file, some microseconds, and no reading: it sees files that were renamed into place,
    written over, or lie behind links that somebody changed.
    """

    def __init__(self, folder: Path, suffix: str, read: Callable[[Path], T]) -> None:
        self._folder, self._suffix, self._read = folder, suffix, read
        self._reading = threading.Lock()  # or a slow reader would put back what a quick one has replaced
        self._failed: Glance | None = None
        seen = self._glance()  # before it is read: what changes in between is read once more
        self._held = seen, read(folder)

    def current(self) -> T:
        held = self._held
        if self._glance() == held[0]:
            return held[1]
        with self._reading:
            seen = self._glance()
            if seen != self._held[0]:
                self._read_again(seen)
            return self._held[1]

    def _read_again(self, seen: Glance) -> None:
        """A file may be replaced just while it is read: what was read then is no reason to go on with older ones."""
        failed: Exception | None = None
        for _ in range(READINGS):
            try:
                self._held = seen, self._read(self._folder)
            except (ValueError, OSError) as error:
                seen, failed = self._glance(), error
            else:
                log.info("folder_changed", folder=str(self._folder))
                return
        if seen != self._failed:
            log.error("folder_unreadable", folder=str(self._folder), reason=str(failed))
        self._failed = seen

    def _glance(self) -> Glance:
        return tuple(sorted(self._stats()))

    def _stats(self) -> Iterator[tuple[str | int, ...]]:
        try:
            names = [name for name in os.listdir(self._folder) if name.endswith(self._suffix)]
        except OSError:
            return
        for name in names:
            try:
                stat = os.stat(self._folder / name)
            except OSError:  # gone since, or a link that leads nowhere
                yield (name,)
            else:
                yield name, stat.st_ctime_ns, stat.st_size, stat.st_ino
