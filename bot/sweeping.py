"""Conversations that end without an answer: each is noted once and forgotten, also when nobody ever texts again."""

import structlog

from bot.conversation import lifetime
from bot.conversation.session import Session
from bot.ports import Services
from bot.turn import Decided, update

log = structlog.get_logger()

MOST = 100  # ends looked at in one go


def sweep(services: Services) -> int:
    """End those that are over; how many were looked at. Sweepers at work share them. Raises StoreUnavailable."""
    keys = services.sessions.ended(services.now(), MOST)
    for key in keys:
        _end(services, key)
    return len(keys)


def _end(services: Services, key: str) -> None:
    """Who saves the end notes it. A kill between the two leaves an end without a note, never two notes."""
    if services.sessions.forget_end(key):  # no worker came by while the session was kept
        log.info("abandoned", state="", language="")
        return

    def decide(session: Session) -> Decided[None]:
        over = session.state and lifetime.is_over(services.flow, session, services.now())
        return Decided(session.forgotten(), None, abandoned=session) if over else Decided(session, None)

    update(services, key, decide)
