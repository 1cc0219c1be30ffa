"""Asking an answer's check, with all that it may look at."""

from datetime import UTC, datetime

from bot.conversation.answers import CHECKS, Asked, Clean, Wrong
from bot.conversation.flow import Flow, State
from bot.conversation.session import Session


def check(flow: Flow, session: Session, state: State, answer: str, now: float) -> Clean | Wrong:
    """What the check of an `ask` state makes of an answer."""
    return CHECKS[state.check].run(answer, _asked(flow, session, state, now))


def _asked(flow: Flow, session: Session, state: State, now: float) -> Asked:
    options: dict[str, tuple[str, ...]] = {}
    for words in flow.words.values():
        for option, said in words.options.get(state.subject, {}).items():
            options[option] = (*options.get(option, ()), *said)
    return Asked(
        words=flow.words_in(session.language),
        languages=flow.languages,
        options=options,
        today=datetime.fromtimestamp(now, UTC).date(),
        phone=session.phone,
        answers=session.answers,
        settings=state.settings,
        longest=flow.slots[state.subject].max,
    )
