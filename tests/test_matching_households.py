"""The households of `make bench-matching` in small: nobody gets another's record, and hardly anybody is sent away."""

from benchmarks.questions import questions
from benchmarks.scores import ask
from bot.iis.matching import best_match


def test_among_thousands_of_questions_nobody_gets_another_persons_record():
    asked = list(questions(seed=20210401, count=600))

    scores = ask(asked, {"vaxtext": best_match})["vaxtext"]

    assert scores.counted > 4000
    assert scores.wrong_persons == 0
    assert scores.recall >= 0.97
