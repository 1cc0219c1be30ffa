"""The folder of the keys: `<kid>.jwk`, ours to change or mounted from elsewhere."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.cards.keys.changes import CannotChange
from bot.cards.keys.key import CardKey, make_key, read_key
from bot.cards.keys.order import in_order
from bot.cards.private_files import only_one, replace_and_erase, write_whole

SUFFIX = ".jwk"


def list_keys(folder: Path) -> list[CardKey]:
    """All keys, the oldest first. Raises ValueError for a file that is no card key, or that others may read."""
    paths = _paths(folder)
    if folder.exists() and not is_mounted(folder):
        _refuse_open_doors([folder, *paths])
    return in_order([_read(path) for path in paths])


def new_key(folder: Path, now: datetime | None = None) -> CardKey:
    """Make a key and publish it. It signs when it is told to, or at once where no other does. Raises CannotChange."""
    return change(folder, lambda _: make_key(now or datetime.now(UTC)))


def change(folder: Path, make: Callable[[list[CardKey]], CardKey]) -> CardKey:
    """Write the key that `make` makes of those that are here. Raises CannotChange, ValueError or OSError."""
    if is_mounted(folder):
        raise CannotChange(
            f"The keys in {folder} come from elsewhere (it is read-only, or holds links): nothing is written there.\n"
            "Add --print, and put what it prints where the keys come from."
        )
    with only_one(folder):
        return write_key(folder, make(list_keys(folder)))


def write_key(folder: Path, key: CardKey) -> CardKey:
    """Write the key's file; a private half that it no longer has is erased. Only within `only_one`."""
    path = folder / f"{key.kid}{SUFFIX}"
    (replace_and_erase if path.exists() else write_whole)(path, key.text())
    return _read(path)


def is_mounted(folder: Path) -> bool:
    """Whether the keys come from elsewhere: read-only, or as links, which is how Kubernetes mounts secrets."""
    return folder.exists() and (not os.access(folder, os.W_OK) or any(path.is_symlink() for path in _paths(folder)))


def readable_by_all(folder: Path) -> Sequence[Path]:
    """Mounted keys that every user of this machine may read."""
    return [path for path in _paths(folder) if path.stat().st_mode & 0o004]


def _paths(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"))


def _refuse_open_doors(paths: Sequence[Path]) -> None:
    for path in paths:
        if (mode := path.stat().st_mode & 0o777) & 0o077:
            right = "700" if path.is_dir() else "600"
            raise ValueError(f"{path} may be read by others (mode {mode:o}); type: chmod {right} {path}")


def _read(path: Path) -> CardKey:
    """Raises ValueError naming the file, never its content."""
    try:
        here_since = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return read_key(path.read_text(), path.stem, here_since)
    except (ValueError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ValueError(f"{path} {why}") from None
