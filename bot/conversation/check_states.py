"""Checks the steps of a flow: every name means something, every outcome leads somewhere."""

from collections.abc import Callable, Collection, Iterator, Mapping

from bot.conversation.actions import ACTIONS
from bot.conversation.answers import CHECKS
from bot.conversation.flow import State
from bot.conversation.problems import Path, Problem, Source, did_you_mean
from bot.conversation.shape import FlowShape

SHORTEST_IDLE = 60  # seconds
MOST_SEGMENTS = 4
TAKEN = ("any", "exhausted", "state")  # no names for options: the first two are outcomes, the last transitions' own


def check(source: Source, shape: FlowShape, states: Mapping[str, State], named: Collection[str]) -> list[Problem]:
    """`named` are all states of the file, also those that cannot be read."""
    problems = [*_top(source, shape, states, named), *_keywords(source, shape, states)]
    problems += _limits(source, shape, states)
    for state in states.values():
        problems += _OF_KIND[state.kind](source, shape, state)
        problems += _segments(source, ("states", state.name, "segments"), state.segments)
        problems += _next(source, named, state)
    if len(named) == len(states):
        problems += _slots(source, shape, states)
    return problems


def outcomes_of(state: State) -> tuple[str, ...]:
    """Every way in which a state can come out."""
    if state.kind == "ask":
        return (*CHECKS[state.check].outcomes, "exhausted") if state.check in CHECKS else ()
    if state.kind == "choose":
        return (*state.options, "exhausted")
    if state.kind == "do" and state.subject in ACTIONS:
        return ACTIONS[state.subject].outcomes_with(state.inputs)
    return ()


def _top(source: Source, shape: FlowShape, states: Mapping[str, State], known: Collection[str]) -> Iterator[Problem]:
    named: dict[Path, str] = {
        ("start",): shape.start,
        ("defaults", "exhausted"): shape.defaults.exhausted,
        ("defaults", "fault"): shape.defaults.fault,
        **{("renamed", old): new for old, new in shape.renamed.items()},
        **{("keywords", k, "go"): word.go for k, word in shape.keywords.items() if word.go not in ("", "back")},
    }
    for path, name in named.items():
        if name not in known:
            yield source.problem(path, f"no state named '{name}' {did_you_mean(name, known)}")
    for old in shape.renamed:
        if old in known:
            text = "this step still exists, so nobody knows who should move; rename it or remove this line"
            yield source.problem(("renamed", old), text, at_key=True)
    for index, code in enumerate(shape.languages):
        if shape.languages.index(code) != index:
            yield source.problem(("languages", str(index)), f"'{code}' is there twice; remove one")
    start = states.get(shape.start)
    if start and not start.waits:
        yield source.problem(("start",), f"'{shape.start}' asks nothing; a conversation starts with a question")


def _limits(source: Source, shape: FlowShape, states: Mapping[str, State]) -> Iterator[Problem]:
    """Limits that would shut everybody out."""
    limits = shape.limits
    if limits.idle < SHORTEST_IDLE:
        yield source.problem(("limits", "idle"), "nobody answers that fast; write 1m or more")
    if limits.total < limits.idle:
        yield source.problem(
            ("limits", "total"), "a conversation would end in the middle of a pause; write more than idle"
        )
    if limits.turns < len({state.subject for state in states.values() if state.waits}):
        yield source.problem(("limits", "turns"), "there are more questions than texts allowed; write a larger number")
    yield from _segments(source, ("limits", "segments"), limits.segments)


def _segments(source: Source, path: Path, segments: int) -> Iterator[Problem]:
    if segments > MOST_SEGMENTS:
        text = f"carriers cut or drop longer texts, and each segment is paid for; write {MOST_SEGMENTS} or less"
        yield source.problem(path, text)


def _keywords(source: Source, shape: FlowShape, states: Mapping[str, State]) -> Iterator[Problem]:
    for name, word in shape.keywords.items():
        if (name == "back") != (word.go == "back"):
            text = "the texts promise that BACK goes back, and no other word does; write back: {go: back}"
            yield source.problem(("keywords", name), text)
        if word.go in states and states[word.go].kind == "do":
            text = f"who texts this word would start the work of '{word.go}', asked or not; lead it to a question"
            yield source.problem(("keywords", name, "go"), text)
        ways = [way for way in ("go", "say", "tell") if getattr(word, way)]
        if len(ways) > 1:
            text = f"one word cannot do both '{ways[0]}' and '{ways[1]}'; keep one"
            yield source.problem(("keywords", name, ways[1]), text, at_key=True)


def _next(source: Source, states: Collection[str], state: State) -> Iterator[Problem]:
    path = ("states", state.name, "next")
    outcomes = outcomes_of(state)
    for outcome in state.next:
        if outcomes and outcome not in outcomes:
            yield source.problem(
                (*path, outcome), f"this outcome cannot happen {did_you_mean(outcome, outcomes)}", at_key=True
            )
    for outcome, target in _written(source, state).items():
        if target not in states:
            yield source.problem((*path, outcome), f"no state named '{target}' {did_you_mean(target, states)}")
    for outcome in outcomes:
        if outcome not in state.next:
            text = f"the conversation would break off at '{outcome}', which leads nowhere; add '{outcome}: <state>'"
            yield source.problem(path, text, at_key=True)


def _written(source: Source, state: State) -> dict[str, str]:
    """The targets as the file names them: `any` once, and no defaults, which are checked where they stand."""
    path = ("states", state.name, "next")
    written = {outcome: target for outcome, target in state.next.items() if (*path, outcome) in source.marks}
    unwritten = [o for o in state.options if o not in written]
    return {**written, "any": state.next[unwritten[0]]} if unwritten and (*path, "any") in source.marks else written


def _ask(source: Source, shape: FlowShape, state: State) -> Iterator[Problem]:
    path = ("states", state.name, "check")
    if state.check not in CHECKS:
        yield source.problem(path, f"no check named '{state.check}' {did_you_mean(state.check, CHECKS)}")
        return
    if CHECKS[state.check].private and not _sensitive(source, shape, state.subject):
        text = f"this answer must never be texted back; add '{state.subject}: {{sensitive: yes}}' to slots"
        yield source.problem(("states", state.name, "ask"), text)
    known = CHECKS[state.check].settings
    for name, value in state.settings.items():
        place = (*path, state.check, name)
        if name not in known:
            yield source.problem(place, f"unknown setting {did_you_mean(name, known)}", at_key=True)
            continue
        try:
            known[name](value)
        except ValueError as error:
            yield source.problem(place, str(error))


def _sensitive(source: Source, shape: FlowShape, slot: str) -> bool:
    """What cannot be read there is reported there."""
    return shape.slots[slot].sensitive if slot in shape.slots else ("slots", slot) in source.marks


def _choose(source: Source, shape: FlowShape, state: State) -> Iterator[Problem]:
    path = ("states", state.name, "options")
    for index, option in enumerate(state.options):
        if state.options.index(option) != index:
            yield source.problem((*path, str(index)), f"the option '{option}' is there twice; remove one")
        if option in TAKEN:
            yield source.problem((*path, str(index)), f"'{option}' means something else here; rename the option")
        if state.subject == "language" and option not in shape.languages:
            nearest = did_you_mean(option, shape.languages)
            yield source.problem((*path, str(index)), f"no language '{option}' {nearest}")
    for option in state.asks_again:
        if option not in state.options:
            text = f"the menu has no such option {did_you_mean(option, state.options)}"
            yield source.problem(("states", state.name, "asks_again", option), text, at_key=True)


def _do(source: Source, shape: FlowShape, state: State) -> Iterator[Problem]:
    path = ("states", state.name)
    if state.subject not in ACTIONS:
        yield source.problem((*path, "do"), f"no action named '{state.subject}' {did_you_mean(state.subject, ACTIONS)}")
        return
    action = ACTIONS[state.subject]
    for slot in action.needs:
        if slot not in state.inputs:
            yield source.problem((*path, "with"), f"'{state.subject}' needs '{slot}'; add it to the list", at_key=True)
    for index, slot in enumerate(state.inputs):
        if slot not in (*action.needs, *action.may):
            nearest = did_you_mean(slot, (*action.needs, *action.may))
            yield source.problem((*path, "with", str(index)), f"'{state.subject}' has no use for '{slot}' {nearest}")


def _end(source: Source, shape: FlowShape, state: State) -> Iterator[Problem]:
    if not source.holds(("states", state.name, "forget")):
        text = "a resident's answers would be kept after the goodbye; add 'forget: all'"
        yield source.problem(("states", state.name), text, at_key=True)


_OF_KIND: Mapping[str, Callable[[Source, FlowShape, State], Iterator[Problem]]] = {
    "ask": _ask,
    "choose": _choose,
    "do": _do,
    "end": _end,
}


def _slots(source: Source, shape: FlowShape, states: Mapping[str, State]) -> Iterator[Problem]:
    """Every slot that is described or used is also asked for."""
    asked = {state.subject for state in states.values() if state.waits}
    for slot in shape.slots:
        if slot not in asked:
            yield source.problem(
                ("slots", slot), f"no state asks for '{slot}' {did_you_mean(slot, asked)}", at_key=True
            )
    for state in states.values():
        for index, slot in enumerate(state.inputs):
            if slot not in asked:
                text = f"no state asks for '{slot}' {did_you_mean(slot, asked)}"
                yield source.problem(("states", state.name, "with", str(index)), text)
        for path, slots in _forgetting(state).items():
            for index, slot in enumerate(slots):
                if slot not in asked:
                    text = f"no state asks for '{slot}', so nothing is forgotten {did_you_mean(slot, asked)}"
                    yield source.problem(("states", state.name, *path, str(index)), text)


def _forgetting(state: State) -> dict[Path, tuple[str, ...]]:
    """What a state forgets, by where that is written."""
    again: dict[Path, tuple[str, ...]] = {("asks_again", o): slots for o, slots in state.asks_again.items()}
    return {("forget",): state.forget, **again}
