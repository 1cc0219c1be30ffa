"""Texts and pictures that Twilio need not keep any longer are erased there, by the setting TWILIO_DELETE.

A text stays as long as one that was lost beside it could still be found: when it was sent says whether that one is too
old to be answered.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from bot.inbound.round import OVERLAP
from bot.ports import EraseLater, Eraser, Erasure, Services

log = structlog.get_logger()

MOST = 40  # in one go
AT_ONCE = 4
DAY = 24 * 3600.0  # seconds for which it is tried
SHORTEST, LONGEST = 60.0, 3600.0  # seconds between two tries


def erase_due(services: Services, stopped: Callable[[], bool] = lambda: False) -> int:
    """How many were looked at. Raises StoreUnavailable: nothing is forgotten by that."""
    eraser = services.eraser
    if eraser is None or stopped():
        return 0
    due = services.erasures.claim(services.now(), MOST)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(lambda erasure: _erase(services, eraser, erasure), due))
    return len(due)


def _erase(services: Services, eraser: Eraser, erasure: Erasure) -> None:
    kind, _, sid = erasure.name.partition(":")
    if kind == "inbound" and _may_be_needed(services, erasure):
        return _later(services, erasure, "list_not_read")
    try:
        eraser.erase(kind, sid)
    except EraseLater as error:
        return _later(services, erasure, str(error))
    services.erasures.done(erasure.name)
    log.info("erased", what=kind, sid=sid)
    return None


def _may_be_needed(services: Services, erasure: Erasure) -> bool:
    """Whether the carrier's list is still to be read from before that time."""
    if not services.inboxes:
        return False
    swept = services.heard.swept()
    return swept is None or swept.until - OVERLAP <= erasure.since


def _later(services: Services, erasure: Erasure, code: str) -> None:
    kind, _, sid = erasure.name.partition(":")
    now = services.now()
    age = now - erasure.since
    if age >= DAY:
        services.erasures.done(erasure.name)
        log.error("erasing_given_up", what=kind, sid=sid, code=code)
        return
    services.erasures.put_off(erasure.name, now + min(max(age / 2, SHORTEST), LONGEST))
    log.info("erasing_put_off", what=kind, sid=sid, code=code)
