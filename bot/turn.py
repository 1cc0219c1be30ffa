"""One turn: load the session, let the engine decide, start the work, save. Two texts at once both get their turn."""

import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from bot.conversation.engine import advance
from bot.conversation.events import Event, Text, Turn
from bot.conversation.flow import Flow
from bot.conversation.lifetime import longest_wait
from bot.conversation.session import Answered, Session
from bot.ports import Services, SessionConflict, StoreUnavailable

T = TypeVar("T")

ATTEMPTS = 60  # each conflict means that another text of this phone got its turn
DAY = 24 * 3600
GRACE = 300  # seconds that a session outlives its idle limit, which the engine itself watches


def take_turn(services: Services, key: str, event: Event, phone: str = "") -> Answered:
    """Answer one event, once: the same event again gets the same answer and changes nothing.

    `key` names the session, `phone` is needed where there may be none yet. Raises StoreUnavailable.
    """
    started: set[str] = set()

    def decide(session: Session) -> tuple[Session, Answered]:
        if event.id and (before := session.answer_to(event.id)):
            return session, before
        flow = services.flow
        older = services.flows.older(session.flow) if session.state and session.flow != flow.structure else None
        turn = advance(flow, session, event, now=services.now(), older=older)
        _start(services, key, turn, started)
        worked = not isinstance(event, Text)
        answered = Answered(event.id, "\n".join(turn.replies), turn.media_url, unsent=worked, personal=turn.personal)
        silent = worked and not turn.replies
        return (turn.session if silent else turn.session.remember(answered)), answered

    return update(services, key, decide, phone)


def update(services: Services, key: str, decide: Callable[[Session], tuple[Session, T]], phone: str = "") -> T:
    """Load, decide and save until nobody else saved in between."""
    for attempt in range(ATTEMPTS):
        loaded = services.sessions.load(key)
        before = loaded.session or Session(phone=phone)
        after, result = decide(before)
        if after == before:
            return result
        try:
            services.sessions.save(key, after, loaded.stamp, _life(services.flow, after))
        except SessionConflict:
            time.sleep(random.uniform(0, 0.002 * min(attempt, 10)))  # noqa: S311 - only to step aside
            continue
        return result
    raise StoreUnavailable("this session changes faster than it can be saved")


def mark_sent(services: Services, key: str, work_id: str) -> None:
    """An answer has left: remember that there was one, and no longer what it said."""
    update(services, key, lambda session: (session.sent(work_id), None))


def keep_body(services: Services, key: str, work_id: str, body: str) -> None:
    """What goes to the other contact is made once, however often sending it is tried."""

    def decide(session: Session) -> tuple[Session, None]:
        work = tuple(replace(work, body=body) if work.id == work_id else work for work in session.work)
        return replace(session, work=work), None

    update(services, key, decide)


def drop_work(services: Services, key: str, work_id: str) -> None:
    """The work is finished: forget what it needed."""

    def decide(session: Session) -> tuple[Session, None]:
        return replace(session, work=tuple(work for work in session.work if work.id != work_id)), None

    update(services, key, decide)


def _start(services: Services, key: str, turn: Turn, started: set[str]) -> None:
    """Enqueue before the session that waits for it is saved: a crash in between leaves a job that finds nothing."""
    if turn.work and turn.work.id not in started:
        services.jobs.enqueue(key, turn.work.id)
        started.add(turn.work.id)


def _life(flow: Flow, session: Session) -> int:
    """How many seconds Redis keeps the session: short while it holds answers, a day for MessageSids alone."""
    if any(answered.unsent for answered in session.seen):
        return DAY
    if session.work:
        return longest_wait(flow) + GRACE
    return flow.limits.idle + GRACE if session.state else DAY
