"""Arriving in a state: ask its question, start its work, or end and forget."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from bot.conversation.answers import Clean, Wrong
from bot.conversation.checking import check
from bot.conversation.events import Turn
from bot.conversation.flow import Flow, State
from bot.conversation.machine import step
from bot.conversation.session import Session, Work
from bot.conversation.wording import question, retry_name, say


def enter(
    flow: Flow, session: Session, name: str, cause: str, now: float, extra: Mapping[str, str] | None = None
) -> Turn:
    """Arrive in a state. `cause` is the id of what led here, `extra` fills blanks of the state's text."""
    state = flow.states[name]
    session = session.without(state.forget)
    if state.kind == "end":
        return Turn(session.forgotten(), (say(flow, session, state.say, extra),), ended=state.name)
    if state.kind == "do":
        return _start_work(flow, session, state, cause, now)
    known = _known(flow, session, state, now)
    if isinstance(known, Clean):
        return enter(flow, session, step(flow.machine, state.name, known.outcome), cause, now)
    session = replace(session, state=name, menu=state.options)
    why = retry_name(flow, session, state, known.code) if known else ""
    return Turn(session, (question(flow, session, state, why, extra),))


def _start_work(flow: Flow, session: Session, state: State, cause: str, now: float) -> Turn:
    """The same text of the same conversation always starts the same work, and one that is posted later other work."""
    wanted = {*state.inputs, *(f"{slot}.witness" for slot in state.inputs)}
    work = Work(
        id=sha256(f"{cause}:{session.started}".encode()).hexdigest()[:24],
        state=state.name,
        action=state.subject,
        answers={slot: value for slot, value in session.answers.items() if slot in wanted},
        language=session.language or flow.languages[0],
        asked_at=now,
    )
    session = replace(session, state=state.name, menu=(), path=(), work=(*session.work, work))
    return Turn(session, (say(flow, session, state.say),), work)


def _known(flow: Flow, session: Session, state: State, now: float) -> Clean | Wrong | None:
    """What a question that is asked once makes of the answer that it has; None if it is to be asked.

    An answer may have become wrong by what was answered since: a PIN that is part of another birth date.
    """
    answer = session.answers.get(state.subject)
    if not state.once or answer is None:
        return None
    if state.kind == "choose":
        return Clean(answer, answer) if answer in state.options else None
    return check(flow, session, state, answer, now)
