"""The engine: a flow, a session and what happened; out come the next session, the replies and the work to do."""

from dataclasses import replace

from bot.conversation import carrier, lifetime
from bot.conversation.answering import answer
from bot.conversation.arriving import enter
from bot.conversation.events import Delay, Event, Outcome, Text, Turn, Undelivered
from bot.conversation.flow import Flow
from bot.conversation.folding import fold
from bot.conversation.obeying import is_answer, obey, switch
from bot.conversation.session import Session
from bot.conversation.settling import delay, settle, undelivered
from bot.conversation.wording import (
    announces,
    ask_again,
    blanks,
    fitting,
    last_sent,
    question,
    say,
    shown_answers,
    still,
)

MISSED = ("link", "email", "other")


def advance(flow: Flow, session: Session, event: Event, *, now: float, older: Flow | None = None) -> Turn:
    """One step of the conversation. `now` in seconds since 1970.

    `older` has the steps on which this conversation began, if they are no longer those of `flow`: it goes on with
    them, unless `flow` says where its state went (`renamed`).
    """
    steps = older if older and session.state not in flow.renamed else flow
    turn = _advance(flow, steps, session, event, now)
    if isinstance(event, Text) and session.missed and turn.replies:
        turn = _truth_first(flow, steps, session, turn)
    shown = shown_answers(steps, turn.session).values()
    said_back = any(value in reply for reply in turn.replies for value in shown)
    return replace(turn, personal=turn.personal or said_back)


def _advance(flow: Flow, steps: Flow, session: Session, event: Event, now: float) -> Turn:
    if isinstance(event, Delay):
        return delay(steps, session, event)
    if isinstance(event, Outcome):
        return settle(steps, session, event, now)
    if isinstance(event, Undelivered):
        return undelivered(session, event)
    match carrier.meaning(event.body, event.opt_out):
        case "stop" | "start":
            return Turn(lifetime.erased(session, now))
        case "help":
            return Turn(session)
    if lifetime.is_over(flow, session, now):
        return _begin(flow, session, event, now)
    if (keyword := flow.keyword_of.get(fold(event.body))) and keyword.forget:
        steps = flow  # to begin again is to begin with today's steps
    return _hear(steps, session, event, now)


def _begin(flow: Flow, session: Session, text: Text, now: float) -> Turn:
    """The first text of a conversation says hello, whatever it says; only our keywords and languages count."""
    fresh = lifetime.fresh(flow, session, now)
    said = fold(text.body)
    keyword = flow.keyword_of.get(said)
    if keyword and keyword.tell:
        told = say(flow, session, last_sent(session, text.again))
        return Turn(replace(session.forgotten(), touched=now), (told,), sends_again=text.again)
    if keyword and keyword.go not in ("back", flow.start):
        opened = replace(fresh, state=flow.start, menu=flow.states[flow.start].options)
        return obey(flow, opened, keyword, text, now)
    turn = enter(flow, fresh, flow.start, text.sid, now)
    if language := flow.language_of.get(said):
        return switch(flow, turn.session, language, text, now)
    return turn


def _hear(flow: Flow, session: Session, text: Text, now: float) -> Turn:
    """A text in the middle of a conversation: our keywords first, then a language's name, then the answer."""
    moved = lifetime.moved(flow, replace(session, turns=session.turns + 1, touched=now))
    if moved is None:
        return _begin_again(flow, session, text, now)
    session = moved
    state, said = flow.states[session.state], fold(text.body)
    keyword = flow.keyword_of.get(said)
    if session.turns > flow.limits.turns and not (keyword and keyword.forget):  # RESTART and our STOP always count
        return enter(flow, session, flow.exhausted, text.sid, now)
    if keyword and not is_answer(flow, session, keyword, text):
        return obey(flow, session, keyword, text, now)
    if (language := flow.language_of.get(said)) and language != session.language:
        return switch(flow, session, language, text, now)
    if state.kind == "do":
        return Turn(session, (say(flow, session, still(session, state)),))
    if not said:
        return Turn(session, (ask_again(flow, session, "unreadable"),))
    return answer(flow, session, state, text, now)


def _begin_again(flow: Flow, session: Session, text: Text, now: float) -> Turn:
    """The questions changed under her and there is no way to go on: say so once, in her language."""
    fresh = lifetime.fresh(flow, session, now)
    turn = enter(flow, replace(fresh, language=session.language), flow.start, text.sid, now)
    return Turn(turn.session, (fitting(flow, say(flow, turn.session, "changed"), *turn.replies),))


def _truth_first(flow: Flow, steps: Flow, before: Session, turn: Turn) -> Turn:
    """She has not got what we last sent: say so before all else, unless it is what she gets now.

    Where she stands at a question that came with such a message, it is asked as if for the first time.
    """
    session = replace(turn.session, missed="")
    if turn.sends_again:
        return replace(turn, session=session)
    state = steps.states.get(session.state)
    waits_here = state and state.waits and state.name == before.state and announces(steps, state)
    asked = question(steps, session, state, extra={}) if state and waits_here else ""
    rest = (asked,) if asked and not blanks(asked) else turn.replies
    missed = before.missed if before.missed in MISSED else "other"  # a later version may know more of them
    return replace(turn, session=session, replies=(say(flow, session, f"undelivered.{missed}"), *rest))
