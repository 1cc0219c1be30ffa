"""Slow work came back or takes longer than was promised, or a message did not arrive: what the chat hears of it."""

from dataclasses import replace

from bot.conversation.actions import ACTIONS, SENT_AGAIN
from bot.conversation.arriving import enter
from bot.conversation.events import Delay, Outcome, Turn, Undelivered
from bot.conversation.flow import Flow
from bot.conversation.lifetime import moved
from bot.conversation.machine import step
from bot.conversation.session import Session, delay_id
from bot.conversation.wording import say, still


def settle(flow: Flow, session: Session, outcome: Outcome, now: float) -> Turn:
    """Work came back. An older question's outcome, or one that the chat has had already, says nothing."""
    session = moved(flow, session) or session
    work = session.pending(outcome.work_id)
    if work is None:
        return Turn(session)
    others = tuple(other for other in session.work if other.id != work.id)
    stays = (replace(work, elsewhere=True),) if outcome.elsewhere else ()
    session = replace(session, work=(*others, *stays))
    if work.elsewhere or session.state != work.state:
        return Turn(session)
    known = outcome.name in flow.states[work.state].next if work.state in flow.states else False
    following = step(flow.machine, work.state, outcome.name) if known else flow.fault
    session = session.take_back(delay_id(work.id))  # if that has not left yet, it is no longer true
    if got := ACTIONS[work.action].last.get(outcome.name):
        session = replace(session, last=got, last_id=work.id if got in SENT_AGAIN else "")
    ours = now - work.asked_at  # the time that we took is not hers
    session = replace(session, touched=now, started=session.started + ours)
    turn = enter(flow, session, following, f"{work.id}:{outcome.name}", now, outcome.values)
    return replace(turn, media_url=outcome.media_url)


def delay(flow: Flow, session: Session, event: Delay) -> Turn:
    """Say once that the work takes longer, if the chat still waits for it."""
    session = moved(flow, session) or session
    state, work = flow.states.get(session.state), session.pending(event.work_id)
    if state is None or work is None or work.delayed or work.elsewhere or session.state != work.state:
        return Turn(session)
    others = (other for other in session.work if other.id != work.id)
    session = replace(session, work=(*others, replace(work, delayed=True)))
    return Turn(session, (say(flow, session, still(session, state)),))


def undelivered(session: Session, event: Undelivered) -> Turn:
    """Remember it until her next text: this chat may be dead, so nothing is said into it now."""
    if event.brought:
        session = replace(session, last=event.brought, last_id=event.work_id)
    what = "email" if event.by_email else "link" if event.brought else "other"
    return Turn(replace(session, missed=what))
