"""Checks the ways through a flow: everything is reached, everything ends, nothing is used before it was asked."""

from collections.abc import Iterable, Iterator, Mapping

from bot.conversation.flow import State
from bot.conversation.problems import Path, Problem, Source
from bot.conversation.shape import FlowShape

States = Mapping[str, State]
NOT_ANSWERED = ("exhausted", "fault")  # ways out that nobody takes by answering properly
SAME = ("sent_elsewhere", "no_match_elsewhere")  # outcomes that the chat must not be able to tell apart


def check(source: Source, shape: FlowShape, states: States) -> list[Problem]:
    """Call it only when every name in `next` is a state."""
    problems = [*_unreachable(source, shape, states), *_endless(source, states), *_circles(source, states)]
    problems += _used_before_asked(source, shape, states)
    problems += _told_apart(source, states)
    return problems


def reached_from(states: States, starts: Iterable[str]) -> set[str]:
    """Every state that can be arrived at, the starts among them."""
    found, waiting = set(), list(starts)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += states[name].next.values()
    return found


def answered_before(states: States, start: str) -> dict[str, frozenset[str]]:
    """For every reachable state the slots that have an answer on *every* way to it."""
    known: dict[str, frozenset[str]] = {start: frozenset()}
    waiting = [start]
    while waiting:
        state = states[waiting.pop()]
        for outcome, following in state.next.items():
            gained = {state.subject} if state.waits and outcome not in NOT_ANSWERED else set()
            here = known[state.name] | gained
            before = known.get(following)
            after = here if before is None else before & here
            if after != before:
                known[following] = after
                waiting.append(following)
    return known


def _unreachable(source: Source, shape: FlowShape, states: States) -> Iterator[Problem]:
    """A state may be arrived at from the start, by a keyword or by a default."""
    doors = [shape.start, shape.defaults.exhausted, shape.defaults.fault]
    doors += [word.go for word in shape.keywords.values() if word.go in states]
    reached = reached_from(states, doors)
    for name in states:
        if name not in reached:
            text = "nobody can ever get here; lead an outcome to it or remove it"
            yield source.problem(("states", name), text, at_key=True)


def _endless(source: Source, states: States) -> Iterator[Problem]:
    """From everywhere a person who answers properly comes to an end."""
    ending = {name for name, state in states.items() if state.kind == "end"}
    grown = True
    while grown:
        more = {n for n, s in states.items() if n not in ending and ending & set(_proper(s))}
        ending, grown = ending | more, bool(more)
    for name in states:
        if name not in ending:
            text = "somebody who answers properly can never finish from here; lead an outcome towards an end"
            yield source.problem(("states", name), text, at_key=True)


def _proper(state: State) -> Iterator[str]:
    return (following for outcome, following in state.next.items() if outcome not in NOT_ANSWERED)


def _circles(source: Source, states: States) -> Iterator[Problem]:
    """Every circle passes a question, and no circle is made of giving up alone."""
    for name, state in states.items():
        path: Path = ("states", name)
        if state.next.get("exhausted") == name:
            yield source.problem(
                _edge(source, path, "exhausted"), "who cannot answer is asked the same again; lead it to help"
            )
        elif state.waits and name in _follow(states, name, "exhausted"):
            text = "who cannot answer goes round in a circle without a counter; lead 'exhausted' to an end"
            yield source.problem(_edge(source, path, "exhausted"), text)
        if state.kind == "do" and name in _work_only(states, name):
            text = "this work can start itself again for ever without asking anybody; put a question in between"
            yield source.problem((*path, "next"), text, at_key=True)


def _edge(source: Source, path: Path, outcome: str) -> Path:
    """Where an outcome is written, or else the state, whose outcome came from the defaults."""
    written = (*path, "next", outcome)
    return written if written in source.marks else path


def _follow(states: States, start: str, outcome: str) -> set[str]:
    """The states that come one after another by this outcome alone."""
    found: set[str] = set()
    name = states[start].next.get(outcome)
    while name and name not in found:
        found.add(name)
        name = states[name].next.get(outcome)
    return found


def _work_only(states: States, start: str) -> set[str]:
    """What can follow a `do` without anybody being asked."""
    found, waiting = set(), list(states[start].next.values())
    while waiting:
        name = waiting.pop()
        if name not in found and states[name].kind == "do":
            found.add(name)
            waiting += states[name].next.values()
    return found


def _used_before_asked(source: Source, shape: FlowShape, states: States) -> Iterator[Problem]:
    known = answered_before(states, shape.start)
    asked = {state.subject for state in states.values() if state.waits}
    for name, state in states.items():
        for index, slot in enumerate(state.inputs):
            if name in known and slot in asked - known[name]:
                text = f"'{slot}' is used here, but there is a way to this state on which nobody was asked for it"
                yield source.problem(("states", name, "with", str(index)), text)


def _told_apart(source: Source, states: States) -> Iterator[Problem]:
    """The privacy rule: the chat must not learn whether another contact is on a record."""
    for name, state in states.items():
        targets = {state.next[outcome] for outcome in SAME if outcome in state.next}
        if len(targets) > 1:
            text = "this would tell the sender whether a record exists; lead both outcomes elsewhere to one state"
            yield source.problem(("states", name, "next", SAME[1]), text)
