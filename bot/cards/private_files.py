"""Private files: mode 0600 in a folder of mode 0700, seen whole or not at all, written by one at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DRAFT = ".draft"


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Let one process or thread change the folder at a time. The system opens the lock when its holder dies."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for draft in folder.glob(f"*{DRAFT}"):  # of a writer that was killed
            draft.unlink()
        yield
    finally:
        os.close(lock)


def write_whole(path: Path, text: str) -> None:
    """Write a file that readers see whole or not at all, also after a power cut. Only within `only_one`."""
    draft = path.with_suffix(DRAFT)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    _sync_folder(path.parent)


def replace_and_erase(path: Path, text: str) -> None:
    """Write the file anew, with its old time, then zeros over its old content, where the disk writes in place."""
    with path.open("r+b") as old:
        stat = os.fstat(old.fileno())
        write_whole(path, text)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        old.write(bytes(stat.st_size))
        old.flush()
        os.fsync(old.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
