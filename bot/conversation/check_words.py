"""Checks the words of a flow: nothing missing, no blank that cannot be filled, nothing too long to send."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.conversation.actions import ACTIONS
from bot.conversation.answers import CHECKS
from bot.conversation.flow import State
from bot.conversation.gsm7 import segments
from bot.conversation.pages import PAGE_TEXTS
from bot.conversation.problems import Problem, Source, did_you_mean
from bot.conversation.shape import FlowShape, WordsShape
from bot.conversation.wording import ENGINE_TEXTS, LAST_TEXTS, blanks, fill

WORST = {"link": "W" * 80}  # a public address of 50 characters, /r/ and the token
Told = Mapping[str, tuple[Source, WordsShape]]


def check(source: Source, shape: FlowShape, states: Mapping[str, State], words: Told) -> list[Problem]:
    problems = list(_languages(source, shape, words))
    facts = _Facts.of(shape, states)
    for code in shape.languages:
        if code in words:
            problems += _texts(facts, *words[code])
            problems += _options(facts, *words[code])
            problems += _keywords(facts, *words[code])
            problems += _page(facts, *words[code])
    return problems


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the words must cover, worked out once for all languages."""

    shape: FlowShape
    states: Mapping[str, State]
    needed: Mapping[str, frozenset[str]]  # text: the blanks that it may have
    worst: Mapping[str, str]  # blank: the longest that fills it

    @classmethod
    def of(cls, shape: FlowShape, states: Mapping[str, State]) -> "_Facts":
        shown = {s.subject: s for s in states.values() if s.kind == "ask" and s.check in CHECKS}
        plain = {slot for slot in shown if slot not in shape.slots or not shape.slots[slot].sensitive}
        worst = {slot: CHECKS[shown[slot].check].worst for slot in plain} | shape.values | WORST
        needed: dict[str, frozenset[str]] = {}
        for name, extra in _needed(shape, states):
            allowed = frozenset({*plain, *shape.values, *extra})
            needed[name] = needed.get(name, allowed) & allowed
        return cls(shape, states, needed, worst)


def _needed(shape: FlowShape, states: Mapping[str, State]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every text that can be sent, with the blanks that work fills in it."""
    told = LAST_TEXTS if any(word.tell for word in shape.keywords.values()) else ()
    for name in (*ENGINE_TEXTS, *told, *(word.say for word in shape.keywords.values() if word.say)):
        yield name, ()
    for state in states.values():
        yield state.say, _given(states, state)
        for code in _retry_codes(state):
            yield f"{state.say}.retry.{code}", ()
        if state.kind == "do":
            yield f"{state.say}.waiting", ()
            yield from ACTIONS[state.subject].texts.items() if state.subject in ACTIONS else ()


def _given(states: Mapping[str, State], state: State) -> tuple[str, ...]:
    """What every way into this state fills in."""
    ways = [
        frozenset(ACTIONS[s.subject].gives.get(outcome, ()) if s.kind == "do" and s.subject in ACTIONS else ())
        for s in states.values()
        for outcome, target in s.next.items()
        if target == state.name
    ]
    return tuple(frozenset.intersection(*ways)) if ways else ()


def _retry_codes(state: State) -> tuple[str, ...]:
    if state.kind == "ask" and state.check in CHECKS:
        return CHECKS[state.check].errors
    return ("not_an_option",) if state.kind == "choose" else ()


def _languages(source: Source, shape: FlowShape, words: Told) -> Iterator[Problem]:
    for index, code in enumerate(shape.languages):
        if code not in words:
            yield source.problem(("languages", str(index)), f"'{code}' has no words; add text/{code}.yaml")
    for code, (text, _) in words.items():
        if code not in shape.languages:
            yield text.problem(("language",), f"flow.yaml does not list '{code}'; add it to languages")


def _texts(facts: _Facts, source: Source, words: WordsShape) -> Iterator[Problem]:
    for name in facts.needed:
        if not words.say.get(name, "").strip():
            yield source.problem(("say", name), "this text is missing; add it", at_key=True)
    for name, text in words.say.items():
        allowed = facts.needed.get(_plain(name))
        if allowed is None:
            nearest = did_you_mean(name, facts.needed)
            yield source.problem(("say", name), f"nobody sends this text {nearest}", at_key=True, level="warning")
            continue
        yield from _blanks(facts, source, ("say", name), text, allowed)
        yield from _length(facts, source, name, _with_menu(facts, words, name, text))


def _plain(name: str) -> str:
    """The text that `.2` and `.3` are kinder forms of."""
    return name[:-2] if name.endswith((".2", ".3")) else name


def _blanks(
    facts: _Facts, source: Source, path: tuple[str, ...], text: str, allowed: frozenset[str]
) -> Iterator[Problem]:
    for blank in blanks(text):
        if blank in allowed:
            continue
        if blank in facts.shape.slots and facts.shape.slots[blank].sensitive:
            yield source.problem(path, f"{{{blank}}} would text a sensitive answer back; leave it out")
        else:
            yield source.problem(path, f"{{{blank}}} cannot be filled here {did_you_mean(blank, allowed)}")
    if fill(text, dict.fromkeys(blanks(text), "")).count("{") or "}" in fill(text, dict.fromkeys(blanks(text), "")):
        yield source.problem(path, "a brace stands alone; write a blank as {name}")


def _with_menu(facts: _Facts, words: WordsShape, name: str, text: str) -> str:
    """The text as it is sent: help and the like come before a question, a menu after it."""
    said = name.split(".retry.", maxsplit=1)[0]
    menus = [s for s in facts.states.values() if s.kind == "choose" and s.say == said]
    lines = [f"{n} {_label(words, menus[0].subject, o)}" for n, o in enumerate(menus[0].options, 1)] if menus else []
    return "\n".join((fill(text, facts.worst), *lines))


def _label(words: WordsShape, slot: str, option: str) -> str:
    return words.options.get(slot, {}).get(option, [option])[0]


def _length(facts: _Facts, source: Source, name: str, text: str) -> Iterator[Problem]:
    most = facts.shape.limits.segments
    if name != "send_record.subject" and (count := segments(text)) > most:
        yield source.problem(
            ("say", name), f"this takes {count} segments with its menu and longest values; at most {most}"
        )


def _options(facts: _Facts, source: Source, words: WordsShape) -> Iterator[Problem]:
    for slot, options in _option_slots(facts).items():
        for option in options:
            if not words.options.get(slot, {}).get(option):
                yield source.problem(("options", slot, option), "this option has no words; add them", at_key=True)


def _option_slots(facts: _Facts) -> dict[str, tuple[str, ...]]:
    """The options that need words, by slot. Languages are called by their own names."""
    chosen = {s.subject: s.options for s in facts.states.values() if s.kind == "choose" and s.subject != "language"}
    asked = {s.subject: CHECKS[s.check].words for s in facts.states.values() if s.kind == "ask" and s.check in CHECKS}
    return chosen | {slot: words for slot, words in asked.items() if words}


def _keywords(facts: _Facts, source: Source, words: WordsShape) -> Iterator[Problem]:
    for name in facts.shape.keywords:
        if not words.keywords.get(name):
            yield source.problem(("keywords", name), "this keyword has no words; add them", at_key=True)
    for name in words.keywords:
        if name not in facts.shape.keywords:
            nearest = did_you_mean(name, facts.shape.keywords)
            yield source.problem(("keywords", name), f"flow.yaml has no such keyword {nearest}", at_key=True)


def _page(facts: _Facts, source: Source, words: WordsShape) -> Iterator[Problem]:
    for name, extra in PAGE_TEXTS.items():
        if not words.page.get(name, "").strip():
            yield source.problem(("page", name), "this text of the record page is missing; add it", at_key=True)
        else:
            allowed = frozenset({*extra, *facts.shape.values})
            yield from _blanks(facts, source, ("page", name), words.page[name], allowed)
    for name in words.page:
        if name not in PAGE_TEXTS:
            yield source.problem(
                ("page", name), f"the page has no such text {did_you_mean(name, PAGE_TEXTS)}", at_key=True
            )
