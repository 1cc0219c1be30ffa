"""Checks the characters of words: nothing invisible, nothing that only looks like another letter, no costly quotes."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from bot.conversation.check_facts import Facts, word_lists
from bot.conversation.check_translation import SECTIONS, leaves
from bot.conversation.problems import Path, Problem, Source

CURLY = "‘’‚‛“”„‟′″"
SPACES = "\u00a0\u2007\u202f\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u205f"
DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
OWN_QUOTES = ("CJK", "HANGUL", "ARABIC", "HIRAGANA", "KATAKANA")  # scripts that cost 70 characters anyway
LATIN, OTHERS = "LATIN", ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")
WORD = re.compile(r"[^\W\d_]+")
ALIKE = frozenset("АВЕЅІЈКМНОРСТУХасеѕіјорухԁһѵΑΒΕΖΗΙΚΜΝΟΡΤΥΧοονρυικ")  # Cyrillic and Greek letters that look Latin


def check(facts: Facts) -> Iterator[Problem]:
    for name, value in facts.shape.values.items():
        yield from _characters(facts.source, ("values", name), value)
    for source, words in facts.words.values():
        yield from _characters(source, ("name",), words.name)
        for path, text in _texts(source):
            yield from _characters(source, path, text)


def _texts(source: Source) -> Iterator[tuple[Path, str]]:
    yield from word_lists(source, ("called",))
    for section in SECTIONS:
        for path, value in leaves(source.data.get(section), (section,)):
            if isinstance(value, str):
                yield path, value
            elif isinstance(value, list):
                yield from word_lists(source, path)


def _characters(source: Source, path: Path, text: str) -> Iterator[Problem]:
    if text.isascii() and text.replace("\n", "").isprintable():
        return
    for character in dict.fromkeys(text):
        if told := _told(character, text, path):
            yield source.problem(path, f"{told} (after '{_before(text, character)}')")
    composed = unicodedata.normalize("NFC", text)
    if composed != text:
        at = next(i for i, (a, b) in enumerate(zip(text, f"{composed} ", strict=False)) if a != b)
        letter = composed[at : at + 1]
        yield source.problem(path, f"the accent of '{letter}' is a character of its own; type {letter} as one letter")
    for word in WORD.findall(text):
        if told := _look_alikes(word, text):
            yield source.problem(path, told)


def _told(character: str, text: str, path: Path) -> str:
    code = f"U+{ord(character):04X}"
    if character in CURLY and path[0] != "page" and not _writes_in(text, OWN_QUOTES):
        straight = "'" if character in "‘’‚‛′" else '"'
        return f"the curly quote {character} cuts segments from 160 to 70 characters; type {straight}"
    if character in SPACES:
        return f"a space that is none ({code}) cuts segments to 70 characters; type a plain space"
    if character in DIRECTIONS:
        return f"an invisible sign of direction ({code}); remove it, and put digits and links on a line of their own"
    if character != "\n" and unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"):
        return f"an invisible character ({code}), which people cannot see or type; remove it"
    return ""


def _before(text: str, character: str) -> str:
    return text.partition(character)[0][-12:].replace("\n", " ")


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _writes_in(text: str, scripts: tuple[str, ...]) -> bool:
    return any(_script(character) in scripts for character in text if not character.isascii())


def _look_alikes(word: str, text: str) -> str:
    """Letters of two scripts in one word, or a word of look-alikes among Latin ones."""
    if word.isascii():
        return ""
    scripts = {_script(letter) for letter in word}
    strange = [letter for letter in word if _script(letter) in OTHERS]
    latin = LATIN in scripts or (set(word) <= ALIKE and _writes_in_latin(text))
    if not strange or not latin:
        return ""
    names = ", ".join(f"{letter} is {_script(letter).title()}" for letter in dict.fromkeys(strange))
    return f"'{word}' only looks as it should: {names}; type the word anew"


def _writes_in_latin(text: str) -> bool:
    return any(_script(letter) == LATIN for letter in text if letter.isalpha())
