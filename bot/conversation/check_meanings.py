"""Checks the words that people text: each means one thing in all languages, and none belongs to the carrier."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.conversation import carrier
from bot.conversation.check_facts import Facts, word_lists
from bot.conversation.folding import ascii_digits, fold
from bot.conversation.problems import Path, Problem, Source


@dataclass(frozen=True, slots=True)
class Claim:
    """A word, what it means and where that is written."""

    word: str
    kind: str  # "keyword", "language" or "option"
    meaning: str
    language: str
    slot: str  # of an option
    source: Source
    path: Path

    def said(self) -> str:
        return f"{self.kind} '{self.meaning}' ({self.language})"


def check(facts: Facts) -> Iterator[Problem]:
    claims = [*_keywords(facts), *_languages(facts), *_options(facts)]
    before: dict[str, list[Claim]] = {}
    for claim in claims:
        said = fold(claim.word)
        others = before.setdefault(said, [])
        if text := _alone(claim, said) or _clash(facts, claim, others):
            yield claim.source.problem(claim.path, text)
        else:
            others.append(claim)
    yield from _only_yes(facts)


def _keywords(facts: Facts) -> Iterator[Claim]:
    for code, (source, words) in facts.words.items():
        for keyword in words.keywords:
            for path, word in word_lists(source, ("keywords", keyword)):
                yield Claim(word, "keyword", keyword, code, "", source, path)


def _languages(facts: Facts) -> Iterator[Claim]:
    for code, (source, words) in facts.words.items():
        for path, word in ((("name",), words.name), *word_lists(source, ("called",))):
            yield Claim(word, "language", code, code, "language", source, path)


def _options(facts: Facts) -> Iterator[Claim]:
    for code, (source, words) in facts.words.items():
        for slot, options in words.options.items():
            for option in options:
                for path, word in word_lists(source, ("options", slot, option)):
                    yield Claim(word, "option", option, code, slot, source, path)


def _alone(claim: Claim, said: str) -> str:
    """What is wrong with a word whatever else there is."""
    if not said:
        return "nobody can text this: it has no letters or digits; write a word" if claim.word.strip() else ""
    if ascii_digits(said).isdecimal():
        return f"'{claim.word}' is a number, and a number means a line of the menu; use a word"
    if said == carrier.YES and claim.kind != "option":
        return f"'{claim.word}' is an answer, and to the carrier it means START; use another word"
    if said in carrier.ALL - {carrier.YES}:
        return f"'{claim.word}' belongs to the carrier, which would act on it before we hear of it; use another word"
    return ""


def _clash(facts: Facts, claim: Claim, others: list[Claim]) -> str:
    for other in others:
        if (claim.kind, claim.meaning, claim.slot) == (other.kind, other.meaning, other.slot):
            continue
        if claim.kind == other.kind == "option" and claim.slot != other.slot:
            continue
        if other.kind == "keyword" and claim.kind == "option" and _gives_way(facts, other.meaning):
            continue
        if claim.kind == other.kind == "option" and claim.language == other.language:
            return f"'{claim.word}' and option '{other.meaning}' are the same to us; give each option words of its own"
        return f"'{claim.word}' also means {other.said()}, which would win; use another word"
    return ""


def _gives_way(facts: Facts, keyword: str) -> bool:
    return keyword in facts.shape.keywords and bool(facts.shape.keywords[keyword].tell)


def _only_yes(facts: Facts) -> Iterator[Problem]:
    """Whoever texts YES may only have opted in again."""
    for source, words in facts.words.values():
        for slot, options in words.options.items():
            for option, said in options.items():
                if said and {fold(word) for word in said} == {carrier.YES}:
                    text = "YES opts in again at the carrier, so it cannot be the only word; add one, such as 'right'"
                    yield source.problem(("options", slot, option), text)
