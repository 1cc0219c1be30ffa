"""The one `transitions` machine that all conversations of a structure share."""

from collections.abc import Iterable, Mapping

from transitions import Machine

from bot.conversation.flow import State


class Walker:
    """One conversation's place in the machine, for the length of one step."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


def build_machine(states: Mapping[str, State], start: str) -> Machine:
    """Only names go in: `transitions` would import and run a dotted string given as a callback."""
    return Machine(
        model=None,
        states=list(states),
        transitions=list(_transitions(states.values())),
        initial=start,
        auto_transitions=False,
    )


def step(machine: Machine, state: str, outcome: str) -> str:
    """The state that follows. Raises transitions.MachineError or KeyError for what the flow does not know."""
    walker = Walker(state)
    machine.events[outcome].trigger(walker)  # never add_model(): the machine would keep the walker for ever
    return walker.state


def _transitions(states: Iterable[State]) -> Iterable[dict[str, str]]:
    for state in states:
        for outcome, following in state.next.items():
            yield {"trigger": outcome, "source": state.name, "dest": following}
