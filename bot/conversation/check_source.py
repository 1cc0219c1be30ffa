"""Compares translations with their source: what was never translated, and what has grown old."""

import re
from collections.abc import Iterator, Mapping

from bot.conversation.check_facts import Facts
from bot.conversation.problems import Problem
from bot.conversation.shape import WordsShape
from bot.conversation.wording import BLANK, fingerprint

WORD = re.compile(r"[^\W\d_]{2,}")


def check(facts: Facts) -> Iterator[Problem]:
    if not facts.source_words:
        return
    origin = facts.source_words[1]
    for source, words in list(facts.words.values())[1:]:
        for section in ("say", "page"):
            here, there = _section(words, section), _section(origin, section)
            for name, text in here.items():
                if text.strip() == there.get(name, "").strip() and len(WORD.findall(BLANK.sub("", text))) > 1:
                    told = f"this is the same as in '{origin.language}'; translate it"
                    yield source.problem((section, name), told, level="warning")
        for name, seen in words.translated.items():
            section, dot, rest = name.partition(".")
            path = (section, rest) if dot and section in ("page", "vaccines") else ("say", name)
            now = _section(origin, path[0]).get(path[1])
            if now is not None and source.holds(path) and fingerprint(now) != seen:
                told = f"the '{origin.language}' text has changed since this was translated; look at both again"
                yield source.problem(path, told, level="warning")


def _section(words: WordsShape, section: str) -> Mapping[str, str]:
    return {"say": words.say, "page": words.page, "vaccines": words.vaccines}[section]
