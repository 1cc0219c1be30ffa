"""What we say: a text in the resident's language, its blanks filled, its menu below."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256

from bot.conversation import menus
from bot.conversation.answers import CHECKS
from bot.conversation.flow import Flow, State
from bot.conversation.gsm7 import segments
from bot.conversation.session import Session

BLANK = re.compile(r"\{([^{}]*)\}")
# Said by the engine itself, in every flow.
ENGINE_TEXTS = (
    *("unreadable", "changed", "too_late", "many_texts"),
    *("undelivered.link", "undelivered.email", "undelivered.other"),
)
# Said by a keyword with `tell: last`.
LAST_TEXTS = ("last.link", "last.picture", "last.elsewhere", "last.none", "last.again")


def say(flow: Flow, session: Session, name: str, extra: Mapping[str, str] | None = None) -> str:
    """One text with its blanks filled."""
    text = flow.words_in(session.language).say[name]
    return fill(text, {**flow.values, **shown_answers(flow, session), **(extra or {})})


def question(flow: Flow, session: Session, state: State, name: str = "", extra: Mapping[str, str] | None = None) -> str:
    """The state's text (or the one named), with the menu below it."""
    if extra is None and not name and state.kind == "choose" and announces(flow, state):
        name = f"{state.say}.retry.not_an_option"  # asked again: what the work brought was said once
    text = say(flow, session, name or state.say, extra)
    menu = menus.show(flow, state, session.language, session.menu)
    return "\n".join(part for part in (text, menu) if part)


def ask_again(flow: Flow, session: Session, first: str = "") -> str:
    """A text (such as `help`), then the question that is open, or the word that we still look."""
    state = flow.states[session.state]
    name = still(session, state) if state.kind == "do" else ""
    asked = question(flow, session, state, name)
    return fitting(flow, say(flow, session, first), asked) if first else asked


def still(session: Session, state: State) -> str:
    """The name of the text that says that we still look."""
    return f"{state.say}.delayed" if session.awaited and session.awaited.delayed else f"{state.say}.waiting"


def last_sent(session: Session, again: bool) -> str:
    """The name of the text that tells what was last sent, or that it is sent again."""
    return "last.again" if again else f"last.{session.last or 'none'}"


def outside(flow: Flow, session: Session, name: str) -> str:
    """A text that belongs to no conversation; in two languages where hers is not known."""
    languages = (session.language,) if session.language else flow.languages[:2]
    return fitting(flow, *(say(flow, replace(session, language=language), name) for language in languages))


def announces(flow: Flow, state: State) -> bool:
    """Whether this question first says how work came out."""
    return any(work.kind == "do" and state.name in work.next.values() for work in flow.states.values())


def fitting(flow: Flow, first: str, *rest: str) -> str:
    """All the texts in one message, or the first alone where all would be too long for one."""
    together = "\n".join((first, *rest))
    return together if segments(together) <= flow.limits.segments else first


def most_segments(states: Iterable[State], limit: int, name: str) -> int:
    """How many segments a text may take: what its state says, or else the limit of all texts."""
    own = (state.segments or limit for state in states if name == state.say or name.startswith(f"{state.say}."))
    return min(own, default=limit)


def retry_name(flow: Flow, session: Session, state: State, code: str) -> str:
    """The retry text for this code that knows most of how often it went wrong: `.3`, `.2` or the plain one."""
    name, texts = f"{state.say}.retry.{code}", flow.words_in(session.language).say
    numbered = (f"{name}.{n}" for n in range(session.tries.get(state.name, 0), 1, -1))
    return next((known for known in numbered if known in texts), name)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of {names}. Plain replacement: str.format would reach into objects."""
    return BLANK.sub(lambda blank: values.get(blank[1], blank[0]), text)


def blanks(text: str) -> list[str]:
    return BLANK.findall(text)


def fingerprint(text: str) -> str:
    """A version of a text: eight hexadecimal digits that change with every change of a letter."""
    return sha256(text.encode()).hexdigest()[:8]


def shown_slots(flow: Flow) -> Iterable[str]:
    """The slots that a text may say back."""
    return (slot for slot, check in flow.slot_checks.items() if not flow.slots[slot].sensitive and check)


def shown_answers(flow: Flow, session: Session) -> dict[str, str]:
    """The answers that texts may say back, as they say them."""
    return {
        slot: CHECKS[flow.slot_checks[slot]].show(session.answers[slot], session.language or flow.languages[0])
        for slot in shown_slots(flow)
        if slot in session.answers
    }
