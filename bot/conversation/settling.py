"""Slow work came back, or takes longer than was promised: what the chat hears of it."""

from dataclasses import replace

from bot.conversation.actions import ACTIONS
from bot.conversation.arriving import enter
from bot.conversation.events import Delay, Outcome, Turn
from bot.conversation.flow import Flow
from bot.conversation.lifetime import moved
from bot.conversation.machine import step
from bot.conversation.session import Session
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
    got = ACTIONS[work.action].last.get(outcome.name, session.last)
    session = session.sent(Delay(work.id).id)  # if that is still to be sent, it is no longer true
    ours = now - work.asked_at  # the time that we took is not hers
    session = replace(session, touched=now, started=session.started + ours, last=got)
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
    return Turn(session, (say(flow, session, still(session, state)),), personal=True)
