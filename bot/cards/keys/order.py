"""Which key signs. Pure: every process that sees the same files at the same time comes to the same answer.

Keys sign in the order in which they were made. Each says in its file from when it signs; the last whose time has come
signs, and before any time has come the first.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum

from bot.cards.keys.key import CardKey


class State(Enum):
    """What a key does now."""

    SIGNS = "signs"
    NEXT = "public, and signs later"
    FORMER = "public, signed before, could sign still"
    RETIRED = "public, its private half erased"
    LEAKED = "no longer public"


def in_order(keys: Sequence[CardKey]) -> list[CardKey]:
    """The oldest first."""
    return sorted(keys, key=lambda key: (key.created, key.kid))


def signing(keys: Sequence[CardKey], now: datetime) -> CardKey | None:
    """The key that signs now; None when none can."""
    able = [key for key in in_order(keys) if key.can_sign]
    due = [key for key in able if key.signs_from and key.signs_from <= now]
    return due[-1] if due else next(iter(able), None)


def upcoming(keys: Sequence[CardKey], now: datetime) -> CardKey | None:
    """The key that is to sign after the one that signs now."""
    return next((key for key in in_order(keys) if state(key, keys, now) is State.NEXT), None)


def published(keys: Sequence[CardKey]) -> list[CardKey]:
    """The keys that readers are to know: all but those that leaked."""
    return [key for key in in_order(keys) if not key.leaked]


def have_signed(keys: Sequence[CardKey], now: datetime) -> list[CardKey]:
    """The keys under which valid cards may be in the world."""
    return [key for key in published(keys) if state(key, keys, now) is not State.NEXT]


def state(key: CardKey, keys: Sequence[CardKey], now: datetime) -> State:
    if key.leaked:
        return State.LEAKED
    if key.retired:
        return State.RETIRED
    signs = signing(keys, now)
    if signs is None or signs.kid == key.kid:
        return State.SIGNS
    return State.NEXT if (key.created, key.kid) > (signs.created, signs.kid) else State.FORMER
