"""An answer to the question that is open: understood, kept and followed, or asked for again."""

from dataclasses import replace

from bot.conversation import menus
from bot.conversation.answers import Clean, Wrong
from bot.conversation.arriving import enter
from bot.conversation.checking import check
from bot.conversation.events import Text, Turn
from bot.conversation.flow import Flow, State
from bot.conversation.machine import step
from bot.conversation.session import Session
from bot.conversation.wording import fingerprint, question, retry_name


def answer(flow: Flow, session: Session, state: State, text: Text, now: float) -> Turn:
    found = _understood(flow, session, state, text, now)
    if isinstance(found, Wrong):
        return _retry(flow, session, state, found.code, text, now)
    session = keep(flow, session, state, found.value, now)
    session = session.without(state.asks_again.get(found.outcome, ()))
    return enter(flow, session, step(flow.machine, state.name, found.outcome), text.sid, now)


def _understood(flow: Flow, session: Session, state: State, text: Text, now: float) -> Clean | Wrong:
    if state.kind == "ask":
        return check(flow, session, state, text.body, now)
    option = menus.choose(flow, state, session.menu or state.options, text.body)
    return Clean(option, option) if option else Wrong("not_an_option")


def _retry(flow: Flow, session: Session, state: State, code: str, text: Text, now: float) -> Turn:
    tries = session.tries.get(state.name, 0) + 1
    session = replace(session, tries={**session.tries, state.name: tries})
    if tries > flow.limits.attempts:
        turn = enter(flow, session, step(flow.machine, state.name, "exhausted"), text.sid, now)
        return replace(turn, refused=code)
    return Turn(session, (question(flow, session, state, retry_name(flow, session, state, code)),), refused=code)


def keep(flow: Flow, session: Session, state: State, value: str, now: float) -> Session:
    """Store an answer, with what was shown when it counts as a declaration; a language is switched to."""
    kept = {state.subject: value}
    if flow.slots[state.subject].witness:
        text = flow.words_in(session.language).say[state.say]
        kept[f"{state.subject}.witness"] = f"{session.language}:{fingerprint(text)}:{int(now)}"
    language = value if state.subject == "language" else session.language
    answers = {**session.answers, **kept}
    tries = {name: tries for name, tries in session.tries.items() if name != state.name}
    return replace(session, answers=answers, language=language, tries=tries, path=(*session.path, state.name))
