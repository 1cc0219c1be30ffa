"""Which text of the flow a message is."""

import re
from collections.abc import Iterator

from bot.conversation import menus
from bot.conversation.actions import STILL
from bot.conversation.flow import Flow, State
from bot.conversation.wording import BLANK, blanks, fill


def is_text(flow: Flow, language: str, name: str, came: str) -> bool:
    """Whether this is the named text with its menu; `help` and the like may have the open question below."""
    match = re.fullmatch(f"{_pattern(flow, language, name)}(?:\n(?P<below>(?s:.+)))?", came)
    if match is None or (below := match["below"]) is None:
        return match is not None
    return any(re.fullmatch(_pattern(flow, language, question), below) for question in _questions(flow, language))


def name_of(flow: Flow, came: str, prefer: str = "") -> tuple[str, str]:
    """A message's text and language, or two empty strings. `prefer`: the language to look in first."""
    return next(
        (
            (name, code)
            for code in sorted(flow.languages, key=lambda code: code != prefer)
            for name in flow.words[code].say
            if is_text(flow, code, name, came)
        ),
        ("", ""),
    )


def _questions(flow: Flow, language: str) -> Iterator[str]:
    """The texts that ask again what is open."""
    for state in flow.states.values():
        if state.kind == "do":
            yield from (f"{state.say}.{said}" for said in STILL)
        elif state.waits:
            yield state.say
            if state.kind == "choose" and blanks(fill(flow.words_in(language).say[state.say], flow.values)):
                yield f"{state.say}.retry.not_an_option"  # what work filled in was said once


def _pattern(flow: Flow, language: str, name: str) -> str:
    """The text's words exactly, anything in its blanks, and its menu as shown."""
    text = fill(flow.words_in(language).say[name], flow.values)
    words = [re.escape(part) for part in BLANK.split(text)[::2]]
    menu = [menus.show(flow, state, language, state.options) for state in _choices(flow, name)][:1]
    return "\n".join([".+".join(words), *map(re.escape, menu)])


def _choices(flow: Flow, name: str) -> Iterator[State]:
    said = name.partition(".retry.")[0]
    return (state for state in flow.states.values() if state.kind == "choose" and state.say == said)
