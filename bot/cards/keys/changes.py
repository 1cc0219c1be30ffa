"""What operators do to keys: let the next one sign, retire one. Pure: the changed key comes back, to write or to print.

The rules are those of the SMART Health Cards specification: https://spec.smarthealth.cards/#key-management
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.cards.jwks import KEPT
from bot.cards.keys.key import CardKey, changed
from bot.cards.keys.order import State, state, upcoming

KEPT_BY_READERS = timedelta(seconds=KEPT)
SEEN_BY_ALL = timedelta(seconds=60)  # as long as a shared folder may take to show a new file to every machine


class CannotChange(Exception):
    """The key stays as it is. The text says why and what to do, in words for the operator."""


def rotated(keys: Sequence[CardKey], now: datetime, *, at_once: bool = False) -> CardKey:
    """The next key, which signs from now on. Raises CannotChange before every reader can know it.

    `at_once`: as soon as every process of ours has seen it, whatever readers know.
    """
    key = upcoming(keys, now)
    if key is None:
        raise CannotChange("There is no next key. Make one: vaxtext keys new")
    known = key.public_since + KEPT_BY_READERS
    if at_once:
        return changed(key, signs_from=max(now, key.public_since + SEEN_BY_ALL))
    if now < known:
        raise CannotChange(
            f"{key.kid} has been public since {in_words(key.public_since)}, and readers may keep the keys that they "
            f"know for {KEPT // 60} minutes: a card that it signs now could be refused at a door.\n"
            f"Type this again after {in_words(known)}, or add --now."
        )
    return changed(key, signs_from=now)


def retired(keys: Sequence[CardKey], kid: str, now: datetime, *, leaked: bool = False) -> CardKey:
    """The key without its private half; if it leaked, no longer public either. Raises CannotChange."""
    key = next((key for key in keys if key.kid == kid), None)
    if key is None:
        raise CannotChange(f"There is no key {kid}. 'vaxtext keys list' shows them.")
    if state(key, keys, now) is State.SIGNS:
        raise CannotChange(f"{kid} signs. {_another_first(keys, now)}")
    if key.leaked or (key.retired and not leaked):
        raise CannotChange(f"{kid} is retired already.")
    if leaked:
        return changed(key, retired=key.retired or now, leaked=now)
    return changed(key, retired=now)


def in_words(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"


def _another_first(keys: Sequence[CardKey], now: datetime) -> str:
    key = upcoming(keys, now)
    if key and key.signs_from:
        return f"{key.kid} signs from {in_words(key.signs_from)} on: type this again after that."
    if key:
        return "Let the next one sign first: vaxtext keys rotate"
    return "Make another and let that sign first: vaxtext keys new, then vaxtext keys rotate"
