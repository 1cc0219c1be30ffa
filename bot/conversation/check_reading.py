"""Measures how hard the English texts are to read, against a reading grade of 6."""

from collections.abc import Iterator

from bot.conversation import reading
from bot.conversation.check_facts import Facts
from bot.conversation.problems import Problem

LANGUAGE, MOST = "en", 6.0
FEW = 10  # words: below, one long name such as "vaccine registry" says more than the grade


def check(facts: Facts) -> Iterator[Problem]:
    if LANGUAGE not in facts.words:
        return
    source, words = facts.words[LANGUAGE]
    for section, texts in (("say", words.say), ("page", words.page)):
        for name, text in texts.items():
            grade = round(reading.grade(text), 1)
            if reading.words(text) >= FEW and grade > MOST:
                told = f"the reading grade is {grade}, over {MOST:.0f}; use shorter words or sentences"
                yield source.problem((section, name), told, level="warning")
