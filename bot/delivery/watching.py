"""Notes how a provider takes each message: well, slowly or not at all. One recipient's trouble is not its fault."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from bot.ports import DeliveryRefused, DeliveryUnavailable, DeliveryUncertain, Healths

SLOW = 3.0  # seconds; Twilio answers in 0.1 to 0.3
SOUND = 50  # percent: from here on down a provider is not counted on where there is another


@contextmanager
def watched(healths: Healths, provider: str) -> Iterator[None]:
    """Around the handing over of one message."""
    began = time.monotonic()
    try:
        yield
    except DeliveryUncertain:
        healths.note(provider, "error")
        raise
    except DeliveryUnavailable as error:
        if error.is_general:
            healths.note(provider, "error")
        raise
    except DeliveryRefused:
        _note(healths, provider, began)
        raise
    _note(healths, provider, began)


def _note(healths: Healths, provider: str, began: float) -> None:
    healths.note(provider, "slow" if time.monotonic() - began > SLOW else "well")
