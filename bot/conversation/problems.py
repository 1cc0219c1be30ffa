"""What is wrong with a flow, where, and how to mend it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

Path = tuple[str, ...]
Mark = tuple[int, int]  # line and column, from 1
LEVELS = ("error", "warning", "note")  # a flow with errors does not start


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    file: str
    line: int
    column: int
    text: str
    level: str = "error"  # one of LEVELS

    def __str__(self) -> str:
        level = "" if self.level == "error" else f"{self.level}: "
        return f"{self.file}:{self.line}:{self.column}: {level}{self.text}"


class FlowBroken(Exception):
    """The flow must not start. Carries every problem that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Source:
    """One file as it was read: plain dictionaries, lists and texts, and where each of them stands."""

    file: str
    data: Mapping[str, object]
    marks: Mapping[Path, Mark] = field(default_factory=dict)
    key_marks: Mapping[Path, Mark] = field(default_factory=dict)

    def problem(self, path: Path, text: str, *, at_key: bool = False, level: str = "error") -> Problem:
        """A problem at a place in the file, or at the nearest place above it that exists."""
        place = self._mark(path, at_key)
        name = ".".join(path)
        return Problem(self.file, *place, f"{name}: {text}" if name else text, level)

    def holds(self, path: Path) -> bool:
        """Whether something is written at this place, be it empty."""
        return self.marks.get(path) is not None

    def _mark(self, path: Path, at_key: bool) -> Mark:
        if at_key and path in self.key_marks:
            return self.key_marks[path]
        if path in self.marks:
            return self.marks[path]
        return self._mark(path[:-1], True) if path else (1, 1)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Errors, then warnings, then notes, each by place, and nothing twice."""
    return sorted(set(problems), key=lambda problem: (LEVELS.index(problem.level), problem))


def counted(problems: Iterable[Problem]) -> str:
    """ "no errors, 1 warning, 3 notes"."""
    levels = [problem.level for problem in problems]
    numbers = ((levels.count(level), level) for level in LEVELS)
    return ", ".join(f"{number or 'no'} {level}{'' if number == 1 else 's'}" for number, level in numbers)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """ "(did you mean 'looking'?)" or, with nothing near, what there is."""
    names = sorted(known)
    folded = {name.casefold(): name for name in names}
    if near := get_close_matches(word.casefold(), folded, n=1, cutoff=0.6):
        return f"(did you mean '{folded[near[0]]}'?)"
    return f"(there is {', '.join(names)})" if names else "(there is none)"
