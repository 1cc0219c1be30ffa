"""One word of a name against another: the same, otherwise written, short for it, a slip, near, or other. Pure."""

import re
from enum import IntEnum
from typing import NamedTuple

from rapidfuzz.distance import OSA

from bot.iis.names.folding import other_accents
from bot.iis.names.nicknames import are_spellings, is_short_for
from bot.iis.names.slips import is_slip, is_slip_in_given
from bot.iis.names.transliteration import transliterates

# "Mueller", and the "Muller" of a clerk without ü. In family names only: Michal is the sister of Michael.
UMLAUT = re.compile("([aou])e")


class Unlikeness(IntEnum):
    """How a word differs from another, and a name from another."""

    NONE = 0
    SPELLING = 1  # the same name otherwise written: Mueller, Mohamed, Philipp
    SHORT = 2  # Bob for Robert
    SLIP = 3  # one typing slip in a name that is long enough
    NEAR = 4  # never good enough, but it makes a neighbour's slip doubtful
    OTHER = 5


class Word(NamedTuple):
    text: str  # "müller"
    plain: str  # "muller"


def unlike_in_given(a: Word, b: Word) -> Unlikeness:
    if (unlike := _in_any(a, b)) < Unlikeness.NEAR:
        return unlike
    if is_short_for(a.plain, b.plain):
        return Unlikeness.SHORT
    return Unlikeness.SLIP if is_slip_in_given(a.plain, b.plain) else unlike


def unlike_in_family(a: Word, b: Word) -> Unlikeness:
    if (unlike := _in_any(a, b)) < Unlikeness.NEAR:
        return unlike
    if UMLAUT.sub(r"\1", a.plain) == UMLAUT.sub(r"\1", b.plain):
        return Unlikeness.SPELLING
    return Unlikeness.SLIP if is_slip(a.plain, b.plain) else unlike


def _in_any(a: Word, b: Word) -> Unlikeness:
    if a.plain == b.plain:
        return Unlikeness.NEAR if other_accents(a.text, b.text) else Unlikeness.NONE
    if _is_initial_of(a, b) or _is_initial_of(b, a):
        return Unlikeness.NONE
    if _is_spelled_as(a, b):
        return Unlikeness.SPELLING
    return Unlikeness.NEAR if _is_near(a.plain, b.plain) else Unlikeness.OTHER


def _is_spelled_as(a: Word, b: Word) -> bool:
    if are_spellings(a.plain, b.plain):
        return True
    return transliterates(a.text, b.plain) or transliterates(b.text, a.plain)


def _is_near(a: str, b: str) -> bool:
    """Two edits, or the same beginning: Dan may be Daniel or Danielle, Kate may be Katherine or Kathleen."""
    short, long = sorted((a, b), key=len)
    if len(short) > 1 and long.startswith(short[:3]):
        return True
    most = min(2, len(short) // 2)
    return OSA.distance(a, b, score_cutoff=most) <= most


def _is_initial_of(a: Word, b: Word) -> bool:
    return is_initial(a) and b.plain.startswith(a.plain)


def is_initial(word: Word) -> bool:
    return len(word.plain) == 1 and has_case(word.plain)  # 王 is a whole name


def has_case(text: str) -> bool:
    """Not so Chinese, Japanese and Korean, which are also written without blanks."""
    return text.upper() != text
