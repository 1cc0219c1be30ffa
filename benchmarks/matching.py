"""How often the right record is found, and how often a wrong one, beside two rules of state portals.

python -m benchmarks.matching [households]: exits with 1 if anybody gets another person's record, or too few get theirs.
"""

import sys
from time import perf_counter

from benchmarks.febrl import febrl
from benchmarks.people import Question
from benchmarks.portal_rules import relaxed, strict
from benchmarks.questions import questions, sisters
from benchmarks.scores import Scores, ask, table
from bot.iis.matching import best_match

SEED = 20210401
HOUSEHOLDS = 13_000
LEAST_QUESTIONS = 100_000
LEAST_RECALL = 0.97
RULES = {"vaxtext": best_match, "strict": strict, "relaxed": relaxed}


def main() -> int:
    households = int(sys.argv[1]) if len(sys.argv) > 1 else HOUSEHOLDS
    asked = list(questions(SEED, households))
    print(f"Households: {households} of people who never lived, seed {SEED}")
    ours = [_show("", asked)]
    ours.append(_show("Twins: each given name while only a twin with another name is on record", list(sisters())))
    for name, others in febrl().items():
        ours.append(_show(name, others))
    print(f"\n{_speed(asked):,.0f} questions a second, one process")
    return _verdict(ours)


def _show(title: str, asked: list[Question]) -> Scores:
    scores = ask(asked, RULES)
    print(f"\n{title}\n{table(scores)}".replace("\n\n", "\n"), flush=True)
    return scores["vaxtext"]


def _speed(asked: list[Question]) -> float:
    started = perf_counter()
    for question in asked:
        best_match(question.who, question.candidates)
    return len(asked) / (perf_counter() - started)


def _verdict(ours: list[Scores]) -> int:
    """0 if all is as promised. Recall is promised for the households, whose errors are as people's."""
    counted, wrong = sum(scores.counted for scores in ours), sum(scores.wrong_persons for scores in ours)
    recall = ours[0].recall
    print(f"{counted:,} questions, wrong persons: {wrong}; recall {recall:.4f}, at least {LEAST_RECALL}")
    return 0 if counted >= LEAST_QUESTIONS and wrong == 0 and recall >= LEAST_RECALL else 1


if __name__ == "__main__":
    sys.exit(main())
