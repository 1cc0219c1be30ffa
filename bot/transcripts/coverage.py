"""What of a flow the transcripts visit, in percent, and what they leave out."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field

from transitions import EventData, Machine

from bot.conversation.flow import Flow
from bot.conversation.record_name import RECORD_NAME
from bot.transcripts.following import Said


@dataclass
class Watch:
    """Every step that a flow's machine made: state and outcome, and the state that followed."""

    steps: set[tuple[str, str, str]] = field(default_factory=set)

    def follow(self, machine: Machine) -> None:
        """From now on. The machine must be nobody else's."""
        machine.send_event = True
        machine.after_state_change = [self.note]

    def note(self, event: EventData) -> None:
        if step := event.transition:
            self.steps.add((str(step.source), event.event.name, str(step.dest)))


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is counted: `what` there is, and what of it was seen."""

    what: str
    names: tuple[str, ...]
    seen: Set[str]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if name not in self.seen)

    @property
    def percent(self) -> int:
        """Rounded down: 100 means all."""
        return 100 * (len(self.names) - len(self.missing)) // max(len(self.names), 1)

    @property
    def sentence(self) -> str:
        return f"{self.what}: {len(self.names) - len(self.missing)} of {len(self.names)}, {self.percent} %"

    def __str__(self) -> str:
        return self.sentence + (f"; never: {', '.join(self.missing)}" if self.missing else "")


def coverage(flow: Flow, watch: Watch, said: Iterable[Said]) -> tuple[Part, ...]:
    """States, outcomes, languages and texts.

    A language counts once something of it was expected that is not said before a language is chosen.
    """
    said = set(said)
    states = {flow.start} | {state for source, _, following in watch.steps for state in (source, following)}
    outcomes = {f"{source}.{outcome}" for source, outcome, _ in watch.steps}
    languages = {language for name, language in said if name.partition(".")[0] != flow.start}
    return (
        Part("states", tuple(flow.states), states),
        Part("outcomes", tuple(_outcomes(flow)), outcomes),
        Part("languages", flow.languages, languages),
        Part("texts", tuple(name for name in flow.words_in("").say if name != RECORD_NAME), {name for name, _ in said}),
    )


def _outcomes(flow: Flow) -> Iterator[str]:
    return (f"{state.name}.{outcome}" for state in flow.states.values() for outcome in state.next)
