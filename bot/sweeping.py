"""Conversations that end without an answer: each is noted once and forgotten, also when nobody ever texts again."""

from dataclasses import replace

import structlog

from bot.conversation import lifetime
from bot.conversation.session import Left, Session
from bot.fault_points import reach
from bot.ports import Services
from bot.turn import Decided, leaving, update

log = structlog.get_logger()

MOST = 100  # ends looked at in one go


def sweep(services: Services) -> int:
    """End those that are over; how many were looked at. Sweepers at work share them. Raises StoreUnavailable."""
    keys = services.sessions.ended(services.now(), MOST)
    for key in keys:
        _end(services, key)
    return len(keys)


def _end(services: Services, key: str) -> None:
    """What is to be logged is saved with the end, and cleared once it is logged: a kill loses no note.

    One between the two makes a second line, with the same `note`.
    """
    if services.sessions.forget_end(key):  # no worker came by while the session was kept
        log.info("abandoned", note="", state="", language="")
        return

    def end(session: Session) -> Decided[tuple[Left, ...]]:
        over = session.state and lifetime.is_over(services.flow, session, services.now())
        after = leaving(key, session, session.forgotten()) if over else session
        return Decided(after, after.left, abandoned=session if over else None)

    if left := update(services, key, end):
        reach("end_saved_before_noted")
        _note(services, key, left)


def _note(services: Services, key: str, left: tuple[Left, ...]) -> None:
    for ended in left:
        log.info("abandoned", note=ended.note, state=ended.state, language=ended.language)
    reach("end_noted_before_cleared")

    def clear(session: Session) -> Decided[None]:
        return Decided(replace(session, left=tuple(other for other in session.left if other not in left)), None)

    update(services, key, clear)
