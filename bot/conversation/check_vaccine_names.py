"""Checks that texts name the vaccines that are shown: first of all `record_name`, which most others say as {record}."""

import re
from collections.abc import Collection, Iterator

from bot.conversation.check_facts import Facts
from bot.conversation.problems import Problem, Source
from bot.conversation.record_name import RECORD, RECORD_NAME
from bot.conversation.shape import WordsShape
from bot.conversation.wording import BLANK
from bot.vaccines import ALL, COVID

COVID_WORDS = ("covid", "corona", "新冠", "코로나", "كورونا", "كوفيد")  # as people say it, also inside longer words
APART = re.compile(r"[(),/،、]")  # "RSV (VRS)", "measles, mumps": each part names the group by itself
FIRST_UNSPACED = 0x2E80  # Han, kana, Hangul: no spaces between words


def check(facts: Facts, known: Collection[str]) -> Iterator[Problem]:
    """`known` are the vaccine groups that have a name. The setting is sound."""
    if RECORD in facts.shape.values:
        told = f"{{{RECORD}}} is the text '{RECORD_NAME}'; give this value another name"
        yield facts.source.problem(("values", RECORD), told, at_key=True)
    for source, words in facts.words.values():
        names = _Names(words, known)
        for section, texts in (("say", words.say), ("page", words.page)):
            for name, text in texts.items():
                yield from _misnamed(facts, source, (section, name), names.in_text(text))


def _misnamed(facts: Facts, source: Source, path: tuple[str, str], named: Collection[str]) -> Iterator[Problem]:
    """A wrong record name is an error, for it is said everywhere; so is COVID-19 where nobody sees such a dose.

    Other names may be common words in a language, so they only warn.
    """
    shown = facts.shape.vaccines
    is_name = path == ("say", RECORD_NAME)
    fix = "name what is shown, or no disease ('vaccine record')" if is_name else f"write {{{RECORD}}}, or reword it"
    hidden = sorted(group for group in named if group not in shown) if ALL not in shown else []
    if hidden:
        level = "error" if is_name or COVID in hidden else "warning"
        told = f"this speaks of {' and '.join(hidden)}, which flow.yaml does not show under 'vaccines'; {fix}"
        yield source.problem(path, told, level=level)
    elif named and (ALL in shown or not {*shown} <= {*named}):
        others = "all others" if ALL in shown else " and ".join(group for group in shown if group not in named)
        told = f"this speaks of {' and '.join(sorted(named))} alone, and flow.yaml shows {others} too; {fix}"
        yield source.problem(path, told, level="error" if is_name else "warning")


class _Names:
    """What the vaccine groups are called in one language, the longest names first: "Meningococcal B" is one group."""

    def __init__(self, words: WordsShape, known: Collection[str]) -> None:
        self.groups = dict.fromkeys(COVID_WORDS, COVID)
        for group in sorted(known):
            called = words.vaccines.get(group, group)
            for name in filter(None, map(str.strip, (group, called, *APART.split(called)))):
                self.groups.setdefault(name.casefold(), group)
        longest_first = sorted(self.groups, key=len, reverse=True)
        self.pattern = re.compile("|".join(map(_whole, longest_first)))

    def in_text(self, text: str) -> set[str]:
        """The groups that a text names itself, apart from its blanks."""
        return {self.groups[found] for found in self.pattern.findall(BLANK.sub(" ", text).casefold())}


def _whole(name: str) -> str:
    """The name as a word of its own, where a script has spaces between words."""
    if name in COVID_WORDS or ord(name[-1]) >= FIRST_UNSPACED:
        return re.escape(name)
    return rf"(?<!\w){re.escape(name)}(?!\w)"
