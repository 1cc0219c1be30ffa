"""How hard an English text is to read: the Flesch-Kincaid grade, in years of school (Kincaid and others 1975)."""

import re

from bot.conversation.wording import BLANK

WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*")
SENTENCE = re.compile(r"[.!?]+(?=\s|$)|\n")
SOUND = re.compile(r"[aeiouy]+")
# Two vowels that are two sounds: di-al, go-ing, cre-ate.
APART = re.compile(r"(?<=qu)ie|(?<=cr)ea|i[ao]|[iu]ous|[^gq]ua|eo|[aeiouy]ing|y[aeo]")
AS_ONE = re.compile(r"[tcsx]io|cia|tia|[aeio]yo?$|you|people|qua")
SILENT = re.compile(
    r"(?:[^aeiouyl]|[aeiou]l)e$|[^aeiouytd]ed$|(?<![aeiouyscxz])(?<!sh)(?<!ch)es$"
    r"|(?<=[a-z])e(?=ly$|ment)|(?<=som)e(?=[a-z])"
)


def grade(text: str) -> float:
    """The grade of a text; 0 without words. Blanks and numbers do not count."""
    plain = BLANK.sub("", text)
    words = WORD.findall(plain)
    if not words:
        return 0.0
    sentences = sum(bool(WORD.search(part)) for part in SENTENCE.split(plain))
    sounds = sum(map(syllables, words))
    return max(0.0, 0.39 * len(words) / sentences + 11.8 * sounds / len(words) - 15.59)


def words(text: str) -> int:
    """How many words count towards the grade."""
    return len(WORD.findall(BLANK.sub("", text)))


def syllables(word: str) -> int:
    """As near as rules come: vowels that sound together are one, a last e is mute. Letters said one by one are one."""
    plain = word.casefold()
    count = len(SOUND.findall(plain)) + len(APART.findall(plain)) - len(AS_ONE.findall(plain))
    return max(1, count - len(SILENT.findall(plain)))
