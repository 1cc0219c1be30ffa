"""Counts what a rule answers, and prints the rules side by side."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from benchmarks.people import Question
from bot.records import Demographics, VaccineRecord

Rule = Callable[[Demographics, Sequence[VaccineRecord]], VaccineRecord | None]


class Scores:
    """The answers of one rule, by kind of question."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.right: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.target_asked = self.target_right = self.counted = self.closed_wrong = self.closed_right = 0

    def add(self, question: Question, found: VaccineRecord | None) -> None:
        is_right = found is not None and found.patient_id == question.asked_for
        self.asked[question.kind] += 1
        self.right[question.kind] += is_right
        self.wrong[question.kind] += found is not None and not is_right
        self.counted += question.open
        self.closed_right += is_right and not question.open
        self.closed_wrong += found is not None and not is_right and not question.open
        self.target_asked += question.target
        self.target_right += question.target and is_right

    @property
    def wrong_persons(self) -> int:
        """Of all questions but those that no rule can answer."""
        return self.wrong.total() - self.closed_wrong

    @property
    def precision(self) -> float:
        right = self.right.total() - self.closed_right
        return right / (right + self.wrong_persons) if right + self.wrong_persons else 1.0

    @property
    def recall(self) -> float:
        """Of those whose contact, birth date and name are on record."""
        return self.target_right / self.target_asked if self.target_asked else 1.0


def ask(questions: Iterable[Question], rules: dict[str, Rule]) -> dict[str, Scores]:
    scores = {name: Scores() for name in rules}
    for question in questions:
        for name, rule in rules.items():
            scores[name].add(question, rule(question.who, question.candidates))
    return scores


def table(scores: dict[str, Scores]) -> str:
    """One line for each kind of question: how many, then for each rule the share found and the wrong persons."""
    kinds = sorted(next(iter(scores.values())).asked, key=lambda kind: (kind.startswith("beyond"), kind))
    lines = [f"{'':44}{'asked':>8}" + "".join(f"{name + ': found':>18}{'wrong':>8}" for name in scores)]
    for kind in kinds:
        asked = next(iter(scores.values())).asked[kind]
        cells = (f"{each.right[kind] / asked:>18.3f}{each.wrong[kind]:>8}" for each in scores.values())
        lines.append(f"{kind:44}{asked:>8}" + "".join(cells))
    lines.append(
        f"{'precision':52}" + "".join(f"{each.precision:>18.4f}{each.wrong_persons:>8}" for each in scores.values())
    )
    lines.append(f"{'recall':52}" + "".join(f"{each.recall:>18.4f}{'':8}" for each in scores.values()))
    return "\n".join(lines)
