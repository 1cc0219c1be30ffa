"""The key ring of a running process: it follows its folder, so that no process restarts for a new key or a rotation."""

from datetime import UTC, datetime
from pathlib import Path

import structlog

from bot.cards.keys.folder import SUFFIX, is_mounted, list_keys, readable_by_all, write_key
from bot.cards.keys.key import CardKey, make_key
from bot.cards.keys.order import published, signing
from bot.cards.private_files import only_one
from bot.cards.watched import Watched

log = structlog.get_logger()


class KeyRing:
    """The keys of one folder, as they are now. Raises ValueError where none can sign, or one is no key."""

    def __init__(self, folder: Path) -> None:
        self._live = Watched(folder, SUFFIX, _read)
        if is_mounted(folder):
            for path in readable_by_all(folder):
                log.warning("card_key_readable_by_all", file=str(path))

    def signing(self, now: float) -> CardKey:
        """The key that signs at this time, in seconds since 1970."""
        key = signing(self._live.current(), datetime.fromtimestamp(now, UTC))
        assert key, "_read takes no folder in which none can"  # noqa: S101
        return key

    def published(self) -> list[CardKey]:
        """The keys that readers are to know, the newest first."""
        return published(self._live.current())[::-1]


def load_or_create(folder: Path) -> KeyRing:
    """The ring of this folder, with a first key if it had none: the same for all who start together."""
    if not list_keys(folder):
        with only_one(folder):
            if not list_keys(folder):
                write_key(folder, make_key(datetime.now(UTC)))
    return KeyRing(folder)


def _read(folder: Path) -> list[CardKey]:
    keys = list_keys(folder)
    if not any(key.can_sign for key in keys):
        raise ValueError(f"no key in {folder} can sign")
    return keys
