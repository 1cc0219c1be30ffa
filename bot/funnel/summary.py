"""Sums for people to look at, rounded to fives, small ones hidden: no difference between two tells of one person."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.conversation.flow import Flow
from bot.funnel.fields import Field

FEW = 5
Days = Mapping[str, Mapping[Field, int]]  # by day: 2026-11-25


@dataclass(frozen=True, slots=True)
class Number:
    """A count as it may be shown."""

    exact: int = field(repr=False)

    def __str__(self) -> str:
        return "under 5" if self.hidden else f"{self.rounded:,}"

    @property
    def hidden(self) -> bool:
        return 0 < self.exact < FEW

    @property
    def rounded(self) -> int:
        """For drawing: a hidden one is drawn as 2, whatever it is."""
        return 2 if self.hidden else FEW * round(self.exact / FEW)


@dataclass(frozen=True, slots=True)
class Row:
    """One state, or one day, or one language."""

    name: str
    reached: Number
    finished: Number
    stopped: Number  # said nothing more, or said no
    retried: Number
    codes: tuple[tuple[str, Number], ...] = ()  # why a question was asked again, the most frequent first


@dataclass(frozen=True, slots=True)
class Summary:
    total: Row
    states: tuple[Row, ...]
    days: tuple[Row, ...]
    languages: tuple[Row, ...]
    outcomes: tuple[tuple[str, Number], ...]


def summary(flow: Flow, days: Days, language: str = "") -> Summary:
    """Of all, or of those who chose this language."""
    chosen = {
        day: {known: count for known, count in counts.items() if language in ("", known.language)}
        for day, counts in days.items()
    }
    together = _together(chosen)
    return Summary(
        total=_row(flow, "all", together, _began(together, language)),
        states=tuple(_states(flow, together)),
        days=tuple(_row(flow, day, counts, _began(counts, language)) for day, counts in sorted(chosen.items())),
        languages=tuple(_languages(flow, _together(days))),
        outcomes=tuple(_most(together, "outcome")),
    )


def _together(days: Days) -> Counter[Field]:
    found: Counter[Field] = Counter()
    for counts in days.values():
        found.update(counts)
    return found


def _states(flow: Flow, counts: Mapping[Field, int]) -> Iterator[Row]:
    """In the order of the flow; after them those that it has no more."""
    gone = {known.state for known in counts if known.state} - {*flow.states}
    for name in (*flow.states, *sorted(gone)):
        here = {known: count for known, count in counts.items() if known.state == name}
        codes = tuple(_most(here, "retried"))
        arrived = _sum(here, "reached") + _sum(here, "ended")
        yield Row(
            name, Number(arrived), Number(0), Number(_sum(here, "abandoned")), Number(_sum(here, "retried")), codes
        )


def _languages(flow: Flow, counts: Mapping[Field, int]) -> Iterator[Row]:
    for code in flow.languages:
        here = {known: count for known, count in counts.items() if known.language == code}
        yield _row(flow, code, here, _began(here, code))


def _row(flow: Flow, name: str, counts: Mapping[Field, int], began: int) -> Row:
    said_no = sum(
        count
        for known, count in counts.items()
        if known.kind == "ended" and known.state in flow.states and flow.states[known.state].subject == "stopped"
    )
    return Row(
        name,
        Number(began),
        Number(_sum(counts, "finished")),
        Number(_sum(counts, "abandoned") + said_no),
        Number(_sum(counts, "retried")),
    )


def _began(counts: Mapping[Field, int], language: str) -> int:
    """Who begins has no language yet: in a language, as many as reached the state that most of them did."""
    if not language:
        return _sum(counts, "started")
    by_state: Counter[str] = Counter()
    for known, count in counts.items():
        if known.kind == "reached":
            by_state[known.state] += count
    return max(by_state.values(), default=0)


def _most(counts: Mapping[Field, int], kind: str) -> Iterator[tuple[str, Number]]:
    by_code: Counter[str] = Counter()
    for known, count in counts.items():
        if known.kind == kind:
            by_code[known.code] += count
    for code, count in by_code.most_common():
        yield code, Number(count)


def _sum(counts: Mapping[Field, int], kind: str) -> int:
    return sum(count for known, count in counts.items() if known.kind == kind)
