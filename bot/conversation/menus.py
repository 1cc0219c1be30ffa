"""Menus: how the options are shown, and which one an answer means."""

import re
from collections.abc import Iterable, Iterator

from bot.conversation.flow import Flow, State
from bot.conversation.folding import ascii_digits, fold

NUMBER_FIRST = re.compile(r"(\d+)\W+(.+)")


def show(flow: Flow, state: State, language: str, menu: Iterable[str]) -> str:
    """One line for each option: "1 Link"."""
    labels = (words_for(flow, state.subject, option, language)[0] for option in menu)
    return "\n".join(f"{number} {label}" for number, label in enumerate(labels, 1))


def choose(flow: Flow, state: State, menu: tuple[str, ...], text: str) -> str | None:
    """The option that the whole text means: its number as shown, its label or another word for it."""
    said = ascii_digits(fold(text))
    if said.isdecimal():
        return _numbered(menu, said)
    if (match := NUMBER_FIRST.fullmatch(said)) and (numbered := _numbered(menu, match[1])):
        return numbered if match[2] in _all_words(flow, state, numbered) else None
    return next((option for option in menu if said in _all_words(flow, state, option)), None)


def _numbered(menu: tuple[str, ...], digits: str) -> str | None:
    number = int(digits[:4])  # no menu is longer
    return menu[number - 1] if len(digits) <= 4 and 1 <= number <= len(menu) else None


def words_for(flow: Flow, slot: str, option: str, language: str) -> tuple[str, ...]:
    """The label of an option and the other words for it. A language is called by its own name."""
    if option in flow.words and slot == "language":
        words = flow.words[option]
        return (words.name, *words.called)
    return flow.words_in(language).options.get(slot, {}).get(option, (option,))


def _all_words(flow: Flow, state: State, option: str) -> Iterator[str]:
    for code in flow.languages:
        yield from map(fold, words_for(flow, state.subject, option, code))
