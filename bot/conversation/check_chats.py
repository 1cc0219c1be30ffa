"""Looks for states, outcomes and languages that no transcript visits, from the names in the files alone.

`vaxtext flow test` follows the transcripts and counts exactly; this is quick and says the same in all plain cases.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise, product

from bot.conversation.actions import ACTIONS, STILL
from bot.conversation.check_facts import Facts
from bot.conversation.flow import State
from bot.conversation.problems import Problem

REPLY = re.compile(r"^(?:<|<< \S+) ([\w.-]+)", re.MULTILINE)
LANGUAGE = re.compile(r"^in (\S+)", re.MULTILINE)


def check(facts: Facts, chats: Mapping[str, str]) -> Iterator[Problem]:
    """Without any transcripts there is nothing to say."""
    if not chats or not facts.sound:
        return
    said = [[_said(name) for name in REPLY.findall(text)] for text in chats.values()]
    texts = {name for names in said for name in names}
    steps = {step for names in said for step in pairwise(names)}
    yield from _languages(facts, chats.values())
    for state in facts.states.values():
        if state.say not in texts:
            text = "no chat comes here; write one, or save one from the phone page"
            yield facts.source.problem(("states", state.name), text, at_key=True, level="warning")
        else:
            yield from _outcomes(facts, state, steps, texts)


def _said(name: str) -> str:
    """The state's own text, for a retry or for the word that we still look."""
    state, _, said = name.partition(".retry.")[0].rpartition(".")
    return state if state and said in STILL else name.partition(".retry.")[0]


def _languages(facts: Facts, chats: Iterable[str]) -> Iterator[Problem]:
    spoken = {facts.shape.languages[0], *(code for text in chats for code in LANGUAGE.findall(text))}
    for index, code in enumerate(facts.shape.languages):
        if code not in spoken:
            text = f"no chat is in '{code}'; write one, or save one from the phone page"
            yield facts.source.problem(("languages", str(index)), text, level="warning")


def _outcomes(facts: Facts, state: State, steps: set[tuple[str, str]], texts: set[str]) -> Iterator[Problem]:
    """Those that flow.yaml names; `exhausted` and `fault` from the defaults are alike everywhere.

    Of a state where no chat comes at all it was said already.
    """
    for outcome, following in state.next.items():
        place = ("states", state.name, "next", outcome)
        seen = any(step in steps for step in product(_departures(facts, state, outcome), _arrivals(facts, following)))
        if not seen and facts.source.holds(place) and facts.states[following].say in texts:
            text = f"no chat goes this way, to '{following}'; write one, or save one from the phone page"
            yield facts.source.problem(place, text, at_key=True, level="warning")


def _departures(facts: Facts, state: State, outcome: str) -> set[str]:
    """The text of a state, and those of the questions before it where the outcome may take the place of that text."""
    if state.kind != "do" or outcome not in ACTIONS[state.subject].at_once:
        return {state.say}
    return {state.say, *(before.say for before in facts.states.values() if state.name in _reached(facts, before))}


def _reached(facts: Facts, state: State) -> set[str]:
    """The states that follow, and those that follow a question that may be passed over."""
    found: set[str] = set()
    waiting = list(state.next.values())
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting += facts.states[name].next.values() if facts.states[name].once else ()
    return found


def _arrivals(facts: Facts, name: str) -> set[str]:
    """The text of a state, and of what follows a question that may be passed over."""
    state = facts.states[name]
    return {state.say, *(facts.states[after].say for after in (_reached(facts, state) if state.once else ()))}
