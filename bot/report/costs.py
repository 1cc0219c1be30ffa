"""What is sent and what it costs: each text at its longest, and every complete path through the flow."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from bot.conversation import menus
from bot.conversation.actions import ACTIONS
from bot.conversation.answers import CHECKS
from bot.conversation.check_facts import WORST
from bot.conversation.check_graph import NOT_ANSWERED, SAME
from bot.conversation.flow import Flow, State
from bot.conversation.gsm7 import segments
from bot.conversation.wording import fill, shown_slots

MOST_PATHS = 1000


@dataclass(frozen=True, slots=True)
class Prices:
    segment: float  # dollars, in or out
    picture: float  # dollars, out


@dataclass(frozen=True, slots=True)
class Step:
    """A state, and the outcomes by which the path leaves it: several where they lead to the same state."""

    state: State
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """From the start to an end by proper answers, no state twice."""

    steps: tuple[Step, ...]

    @property
    def replies(self) -> int:
        """Texts of ours that answer a text: the greeting, and one for each answer. What work sends later is none."""
        return 1 + sum(step.state.waits for step in self.steps)

    @property
    def turns(self) -> str:
        """ "ask_dob: ambiguous, confirm_dob: right": where this path could have gone another way."""
        forks = (step for step in self.steps if len(_ways(step.state)) > 1)
        return ", ".join(f"{step.state.name}: {' or '.join(step.outcomes)}" for step in forks)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one path in one language, each text at its longest."""

    segments: int  # out
    pictures: int  # out
    texts_in: int
    dollars: float


def _is_passed_over(step: Step) -> bool:
    """Whether the outcome's words come in place of the state's own."""
    return step.state.kind == "do" and set(step.outcomes) <= set(SAME)


def complete_paths(flow: Flow) -> tuple[list[Path], bool]:
    """Every complete path, the usual one (the first outcome everywhere) first; whether there are more than are told."""
    found = list(islice(_onward(flow, flow.states[flow.start], ()), MOST_PATHS + 1))
    return found[:MOST_PATHS], len(found) > MOST_PATHS


def cost(flow: Flow, path: Path, language: str, prices: Prices) -> Cost:
    said, sent, pictures = flow.languages[0], 0, 0
    picture = False
    for step in path.steps:
        if picture:
            pictures += 1  # billed as one, whatever its text
        elif not _is_passed_over(step):
            sent += segments(message(flow, said, step.state.say))
        picture = _is_picture(step)
        sent += _elsewhere(flow, step, language)
        said = language if step.state.subject == "language" else said
    dollars = (sent + path.replies) * prices.segment + pictures * prices.picture
    return Cost(sent, pictures, path.replies, dollars)


def message(flow: Flow, language: str, name: str) -> str:
    """A text as it is sent: the longest values in its blanks, its menu below."""
    text = fill(flow.words[language].say.get(name, ""), _longest(flow))
    said = name.partition(".retry.")[0]
    state = next((s for s in flow.states.values() if s.kind == "choose" and s.say == said), None)
    return "\n".join((text, menus.show(flow, state, language, state.options))) if state else text


def _longest(flow: Flow) -> dict[str, str]:
    answers = {slot: CHECKS[flow.slot_checks[slot]].worst for slot in shown_slots(flow)}
    return {**answers, **flow.values, **WORST}


def _onward(flow: Flow, state: State, before: tuple[Step, ...]) -> Iterator[Path]:
    if state.kind == "end":
        yield Path((*before, Step(state)))
    seen = {step.state.name for step in before} | {state.name}
    for target, outcomes in _ways(state):
        if target not in seen:
            yield from _onward(flow, flow.states[target], (*before, Step(state, outcomes)))


def _ways(state: State) -> list[tuple[str, tuple[str, ...]]]:
    """The states that follow a proper answer. Each outcome of work is a way of its own: they differ in cost."""
    proper = [(target, outcome) for outcome, target in state.next.items() if outcome not in NOT_ANSWERED]
    if state.kind == "do":
        return [(target, (outcome,)) for target, outcome in proper]
    together: dict[str, tuple[str, ...]] = {}
    for target, outcome in proper:
        together[target] = (*together.get(target, ()), outcome)
    return list(together.items())


def _is_picture(step: Step) -> bool:
    action = ACTIONS.get(step.state.subject) if step.state.kind == "do" else None
    return bool(action and action.last.get(step.outcomes[0]) == "picture")


def _elsewhere(flow: Flow, step: Step, language: str) -> int:
    """Segments to the other contact, if that is a phone."""
    if step.state.kind != "do" or step.outcomes[0] != SAME[0]:
        return 0
    texts = [name for name, blanks in ACTIONS[step.state.subject].texts.items() if "link" in blanks]
    return sum(segments(message(flow, language, name)) for name in texts)
