"""The words that mean the same at any moment: our keywords, and the names of languages."""

from dataclasses import replace

from bot.conversation import lifetime, menus
from bot.conversation.answering import keep
from bot.conversation.arriving import enter
from bot.conversation.events import Text, Turn
from bot.conversation.flow import Flow, Keyword
from bot.conversation.machine import step
from bot.conversation.session import Session
from bot.conversation.wording import ask_again, blanks, last_sent, question


def is_answer(flow: Flow, session: Session, keyword: Keyword, text: Text) -> bool:
    """A word that only tells something (LINK) gives way to an option of the same name."""
    state = flow.states[session.state]
    return bool(keyword.tell and state.kind == "choose" and menus.choose(flow, state, session.menu, text.body))


def obey(flow: Flow, session: Session, keyword: Keyword, text: Text, now: float) -> Turn:
    if text_name := keyword.say or (last_sent(session, text.again) if keyword.tell else ""):
        again = bool(keyword.tell) and text.again
        return Turn(session, (ask_again(flow, session, text_name),), sends_again=again)
    if keyword.go == "back":
        return _back(flow, session)
    if not keyword.go:
        return Turn(lifetime.erased(session, now) if keyword.forget else session)
    if keyword.forget:
        session = replace(lifetime.fresh(flow, session, now), language=session.language)
    return enter(flow, session, keyword.go, text.sid, now)


def _back(flow: Flow, session: Session) -> Turn:
    """Restore the question before and forget its answer. Work that was started is never taken back.

    A question about an answer that is forgotten with it is passed over: "Is it {birth_date}?" once there is none.
    """
    if not session.path:
        return Turn(session, (ask_again(flow, session),))
    before = flow.states[session.path[-1]]
    session = session.without((before.subject, flow.states[session.state].subject))
    session = replace(session, state=before.name, menu=before.options, path=session.path[:-1])
    asked = question(flow, session, before)
    return _back(flow, session) if session.path and blanks(asked) else Turn(session, (asked,))


def switch(flow: Flow, session: Session, language: str, text: Text, now: float) -> Turn:
    """Change the language and ask the same question again, unless the language was the question.

    How work came out (nobody was found) is said again too, for she may not have understood it; but not what the work
    alone could fill in, such as a link.
    """
    state = flow.states[session.state]
    session = replace(session, language=language)
    if state.subject == "language" and language in state.options:
        session = keep(flow, session, state, language, now)
        return enter(flow, session, step(flow.machine, state.name, language), text.sid, now)
    whole = question(flow, session, state, extra={}) if state.waits else ""
    return Turn(session, (whole if whole and not blanks(whole) else ask_again(flow, session),))
