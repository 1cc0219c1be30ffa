"""What a change of the flow does to those who are in the middle of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.conversation.flow import Flow
from bot.conversation.session import Session
from bot.vaccines import Vaccines


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of states and texts; texts by language; codes of vaccines that are called or grouped anew."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    texts: Mapping[str, tuple[str, ...]]
    vaccines: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()  # the vaccine groups that are shown, if these are others than before


@dataclass(frozen=True, slots=True)
class Standing:
    """How many people stand in a state, and what becomes of them."""

    state: str
    people: int
    fate: str


def compare(live: Flow, new: Flow) -> Changes:
    return Changes(
        added=tuple(name for name in new.states if name not in live.states),
        removed=tuple(name for name in live.states if name not in new.states),
        changed=tuple(n for n, state in new.states.items() if n in live.states and live.states[n] != state),
        texts={code: tuple(_changed_texts(live, new, code)) for code in new.languages},
        vaccines=tuple(_changed_vaccines(live.vaccines, new.vaccines)),
        shown=new.vaccines.show if new.vaccines.show != live.vaccines.show else (),
    )


def standings(new: Flow, sessions: Iterable[Session], kept: Iterable[str]) -> list[Standing]:
    """Where people stand now, most first. `kept` are the structures whose steps are still known."""
    known = {*kept, new.structure}
    places = Counter((s.state, _fate(new, s, known)) for s in sessions if s.state)
    return [Standing(state, people, fate) for (state, fate), people in places.most_common()]


def _fate(new: Flow, session: Session, known: set[str]) -> str:
    if session.flow == new.structure:
        return "goes on"
    if session.state in new.renamed:
        return f"goes on at {new.renamed[session.state]}"
    if session.flow in known:
        return "goes on with the steps they began with, in the new words"
    if session.state in new.states and new.states[session.state].kind != "end":
        return "goes on with the new steps"
    return "must start again"


def _changed_texts(live: Flow, new: Flow, code: str) -> Iterator[str]:
    before = live.words.get(code)
    after = new.words[code]
    for section in ("say", "page", "vaccines"):
        old: Mapping[str, str] = getattr(before, section) if before else {}
        texts: Mapping[str, str] = getattr(after, section)
        yield from (name for name in sorted({*old, *texts}) if old.get(name) != texts.get(name))


def _changed_vaccines(live: Vaccines, new: Vaccines) -> list[str]:
    return sorted(code for code in {*live.table, *new.table} if live.table.get(code) != new.table.get(code))
