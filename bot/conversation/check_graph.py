"""Checks the ways through a flow: everything is reached, everything ends, nothing is used before it was asked."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from bot.conversation.actions import ACTIONS
from bot.conversation.answers import CHECKS
from bot.conversation.flow import State
from bot.conversation.problems import Path, Problem, Source
from bot.conversation.shape import FlowShape

States = Mapping[str, State]
Ways = Callable[[State], Iterable[str]]
NOT_ANSWERED = ("exhausted", "fault")  # ways out that nobody takes by answering properly
SAME = ("sent_elsewhere", "no_match_elsewhere")  # outcomes that the chat must not be able to tell apart


def check(source: Source, shape: FlowShape, states: States) -> list[Problem]:
    """Call it only when every name in `next` is a state."""
    problems = [*_unreachable(source, shape, states), *_endless(source, states), *_circles(source, states)]
    problems += _used_before_asked(source, shape, states)
    problems += [*_told_apart(source, states), *_carried_over(source, states)]
    return problems


def reached_from(states: States, starts: Iterable[str], ways: Ways | None = None) -> set[str]:
    """Every state that can be arrived at, the starts among them."""
    found, waiting = set(), list(starts)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += ways(states[name]) if ways else states[name].next.values()
    return found


def answered_before(shape: FlowShape, states: States) -> dict[str, frozenset[str]]:
    """For every reachable state the slots that have an answer on *every* way to it, once it forgot what it forgets."""
    known = {door: frozenset[str]() for door in _doors(shape, states)}
    waiting = list(known)
    while waiting:
        state = states[waiting.pop()]
        for outcome, following in state.next.items():
            gained = {state.subject} if state.waits and outcome not in NOT_ANSWERED else set()
            gone = {*state.asks_again.get(outcome, ()), *states[following].forget}
            here = (known[state.name] | gained) - gone
            before = known.get(following)
            after = here if before is None else before & here
            if after != before:
                known[following] = after
                waiting.append(following)
    return known


def _doors(shape: FlowShape, states: States) -> list[str]:
    """Where somebody may arrive at any moment: at the start, by a keyword, after too many texts, when work breaks."""
    keywords = [word.go for word in shape.keywords.values() if word.go in states]
    return [shape.start, shape.defaults.exhausted, shape.defaults.fault, *keywords]


def _unreachable(source: Source, shape: FlowShape, states: States) -> Iterator[Problem]:
    """Reports the first of several that lead to each other."""
    reached = reached_from(states, _doors(shape, states))
    lost = [name for name in states if name not in reached]
    behind = {name: reached_from(states, [name]) - reached for name in lost}
    for name in lost:
        before = [other for other in lost if name in behind[other] and other not in behind[name]]
        circle = [other for other in lost if name in behind[other] and other in behind[name]]
        if not before and circle[0] == name:
            others = ", ".join(other for other in lost if other in behind[name] - {name})
            text = f"nobody can ever get here{f' (nor to {others})' if others else ''}"
            yield source.problem(("states", name), f"{text}; lead an outcome to it or remove it", at_key=True)


def _endless(source: Source, states: States) -> Iterator[Problem]:
    """From everywhere a person who answers properly comes to an end. Reports each trap once, where it closes."""
    ways = {name: reached_from(states, [name], _proper) for name in states}
    endless = [name for name in states if not any(states[other].kind == "end" for other in ways[name])]
    for name in endless:
        trap = [other for other in endless if other in ways[name]]
        if trap[0] == name and all(name in ways[other] for other in trap):
            text = f"who answers properly goes round for ever ({', '.join(trap)}); lead an outcome towards an end"
            yield source.problem(("states", name), text, at_key=True)


def _proper(state: State) -> Iterator[str]:
    return (following for outcome, following in state.next.items() if outcome not in NOT_ANSWERED)


def _circles(source: Source, states: States) -> Iterator[Problem]:
    """No circle that goes round by itself: without anybody being asked, or because all have given up already."""
    silent = {name for name, state in states.items() if _is_silent(states, state)}

    def unasked(state: State) -> Iterable[str]:
        return [name for name in (_proper(state) if state.waits else state.next.values()) if name in silent]

    def by_itself(state: State) -> Iterable[str]:
        """Who has no tries left goes on at once: the ways that then need nobody's answer."""
        return {*(unasked(state) if state.name in silent else ()), *_given_up(state)}

    told: set[str] = set()
    for name in states:
        if name in silent and name not in told and name in reached_from(states, unasked(states[name]), unasked):
            told |= reached_from(states, [name], unasked)
            text = "this goes round for ever without asking anybody; put a question in between"
            yield source.problem(("states", name, "next"), text, at_key=True)
    for name, state in states.items():
        exhausted = state.next.get("exhausted")
        if not exhausted or name in told or name not in reached_from(states, [exhausted], by_itself):
            continue
        told |= reached_from(states, [name], by_itself)
        text = "who cannot answer goes round in a circle that nothing counts; lead 'exhausted' to an end"
        if exhausted == name:
            text = "who cannot answer is asked the same again; lead 'exhausted' to help or to an end"
        yield source.problem(_edge(source, ("states", name), "exhausted"), text)


def _given_up(state: State) -> Iterable[str]:
    """Where work leads, and where a question leads once its tries are used up."""
    return [state.next["exhausted"]] if state.waits and "exhausted" in state.next else list(state.next.values())


def _is_silent(states: States, state: State) -> bool:
    """Work, and questions that are passed over once they have an answer which nothing between forgets."""
    forgotten = {slot for other in states.values() if other.once for slot in other.forget}
    return state.kind == "do" or (state.once and state.subject not in forgotten)


def _edge(source: Source, path: Path, outcome: str) -> Path:
    """Where an outcome is written, or else the default that it came from."""
    written = (*path, "next", outcome)
    return written if written in source.marks else ("defaults", outcome)


def _used_before_asked(source: Source, shape: FlowShape, states: States) -> Iterator[Problem]:
    known = answered_before(shape, states)
    asked = {state.subject for state in states.values() if state.waits}
    for name, state in states.items():
        for index, slot in enumerate(state.inputs):
            if name in known and slot in asked - known[name]:
                text = f"there is a way to this state on which nobody was asked for '{slot}'; ask for it on every way"
                yield source.problem(("states", name, "with", str(index)), text)


def _told_apart(source: Source, states: States) -> Iterator[Problem]:
    """The privacy rule: the chat must not learn whether another contact is on a record."""
    for name, state in states.items():
        targets = {state.next[outcome] for outcome in SAME if outcome in state.next}
        if len(targets) > 1:
            text = "this would tell the sender whether a record exists; lead both outcomes elsewhere to one state"
            yield source.problem(("states", name, "next", SAME[1]), text)


def _carried_over(source: Source, states: States) -> Iterator[Problem]:
    """Who has got a record may ask for another person's: what served the first must not serve the next."""
    once = {state.subject for state in states.values() if state.once}
    given = [(work, outcome) for work in states.values() for outcome in _given(work)]
    for name in dict.fromkeys(work.next[outcome] for work, outcome in given):
        anew = {slot for work, outcome in given if work.next[outcome] == name for slot in ACTIONS[work.subject].anew}
        for slot in sorted(anew & once - set(states[name].forget)) if states[name].waits else ():
            text = f"the next person would not be asked for '{slot}', which served the last one; forget it here"
            yield source.problem(("states", name, "forget"), text, at_key=True)


def _given(state: State) -> list[str]:
    """The outcomes of work after which somebody has got something."""
    action = ACTIONS.get(state.subject) if state.kind == "do" else None
    return [outcome for outcome in action.last if outcome in state.next] if action else []


def asked_for_nothing(source: Source, states: States, texts: Iterable[str]) -> Iterator[Problem]:
    """Questions whose answer nothing uses: no work, no text, and no way that depends on it."""
    used = {slot for state in states.values() for slot in state.inputs} | {"language", *texts}
    used |= {s.subject for s in states.values() if len({s.next.get(o) for o in _choices(s)}) > 1}
    for name, state in states.items():
        if state.waits and state.subject not in used:
            text = f"people are asked for '{state.subject}' and nothing uses it; remove the question"
            yield source.problem(("states", name, state.kind), text, level="warning")


def _choices(state: State) -> tuple[str, ...]:
    if state.kind == "ask":
        return CHECKS[state.check].outcomes if state.check in CHECKS else ()
    return state.options
