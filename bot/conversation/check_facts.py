"""What all checks of a flow look at: the files as they were read, and what follows from them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.conversation.actions import ACTIONS, STILL
from bot.conversation.answers import CHECKS
from bot.conversation.check_graph import answered_before
from bot.conversation.flow import State
from bot.conversation.problems import Path, Source
from bot.conversation.record_name import RECORD, RECORD_NAME
from bot.conversation.shape import FlowShape, WordsShape
from bot.conversation.wording import ENGINE_TEXTS, LAST_TEXTS

WORST = {
    "link": "W" * 80,  # a public address of 50 characters, /r/ and the token
    "vaccine": "W" * 40,  # what the page calls a vaccine group
}
Told = tuple[Source, WordsShape]


@dataclass(frozen=True, slots=True)
class Facts:
    """`sound`: every name in flow.yaml means something, so that what it needs is known."""

    source: Source  # flow.yaml
    shape: FlowShape
    states: Mapping[str, State]
    words: Mapping[str, Told]  # by language, the source language first
    sound: bool
    needed: Mapping[str, frozenset[str]]  # every text that is sent, if sound: the blanks that it may have
    plain: frozenset[str]  # slots whose answer may be texted back
    worst: Mapping[str, str]  # blank: the longest that fills it

    @classmethod
    def of(
        cls, source: Source, shape: FlowShape, states: Mapping[str, State], words: Mapping[str, Told], sound: bool
    ) -> "Facts":
        shown = {s.subject: s for s in states.values() if s.kind == "ask" and s.check in CHECKS}
        plain = frozenset(slot for slot in shown if slot not in shape.slots or not shape.slots[slot].sensitive)
        worst = {slot: CHECKS[shown[slot].check].worst for slot in plain} | shape.values | WORST
        needed = _with_blanks(shape, states, plain) if sound else {}
        return cls(source, shape, states, words, sound, needed, plain, worst)

    @property
    def source_words(self) -> Told | None:
        return self.words.get(self.shape.languages[0])

    def menus(self) -> Mapping[str, tuple[str, ...]]:
        """The options that people choose from, by slot, and the words that a check understands besides."""
        found: dict[str, tuple[str, ...]] = {}
        for state in self.states.values():
            words = CHECKS[state.check].words if state.check in CHECKS else ()
            found[state.subject] = tuple(dict.fromkeys((*found.get(state.subject, ()), *state.options, *words)))
        return {slot: options for slot, options in found.items() if options}


def plain_name(name: str) -> str:
    """The text that `.2` and `.3` are kinder forms of."""
    return name[:-2] if name.endswith((".2", ".3")) else name


def word_lists(source: Source, path: Path) -> Iterator[tuple[Path, str]]:
    """The words of a list, each with its place; a word may stand alone where a list could."""
    value: object = source.data
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, str):
        yield path, value
    for index, word in enumerate(value if isinstance(value, list) else ()):
        yield (*path, str(index)), str(word)


def _with_blanks(shape: FlowShape, states: Mapping[str, State], plain: frozenset[str]) -> dict[str, frozenset[str]]:
    answered = answered_before(shape, states)
    needed: dict[str, frozenset[str]] = {}
    for name, slots, extra in _needed(shape, states, {s: plain & answered.get(s, plain) for s in states}):
        allowed = frozenset({*slots, *shape.values, *extra, RECORD})
        needed[name] = needed.get(name, allowed) & allowed
    return {**needed, RECORD_NAME: frozenset()}


def _needed(
    shape: FlowShape, states: Mapping[str, State], answered: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, frozenset[str], tuple[str, ...]]]:
    """Every text that can be sent, with the answers and with what work fills in."""
    nothing: frozenset[str] = frozenset()
    told = LAST_TEXTS if any(word.tell for word in shape.keywords.values()) else ()
    for name in (*ENGINE_TEXTS, *told, *(word.say for word in shape.keywords.values() if word.say)):
        yield name, nothing, ()  # said at any moment, so perhaps before anything was answered
    for state in states.values():
        yield state.say, answered[state.name], _given(states, state)
        for code in retry_codes(state):
            yield f"{state.say}.retry.{code}", answered[state.name], ()
        if state.kind == "do":
            yield from ((f"{state.say}.{said}", answered[state.name], ()) for said in STILL)
            for name, given in ACTIONS[state.subject].texts.items() if state.subject in ACTIONS else ():
                yield name, nothing, given


def _given(states: Mapping[str, State], state: State) -> tuple[str, ...]:
    """What every way into this state fills in."""
    ways = [
        frozenset(ACTIONS[s.subject].gives.get(outcome, ()) if s.kind == "do" and s.subject in ACTIONS else ())
        for s in states.values()
        for outcome, target in s.next.items()
        if target == state.name
    ]
    return tuple(frozenset.intersection(*ways)) if ways else ()


def retry_codes(state: State) -> tuple[str, ...]:
    if state.kind == "ask" and state.check in CHECKS:
        return CHECKS[state.check].errors
    return ("not_an_option",) if state.kind == "choose" else ()
