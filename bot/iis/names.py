"""Names as people type them: folded to words, then compared word by word. Pure."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from enum import IntEnum
from functools import partial
from typing import NamedTuple

from rapidfuzz.distance import OSA

APOSTROPHES = str.maketrans("", "", "'`´’‘‛ʼʻʹ′＇")
NO_MARK_TO_DROP = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"})
SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "2nd", "3rd", "4th"}


class Edits(IntEnum):
    """How many letters two names differ by."""

    NONE = 0
    SLIP = 1  # one typing slip in a name that is long enough
    NEAR = 2  # never good enough, but it makes a neighbour's slip doubtful
    OTHER = 3


class Likeness(NamedTuple):
    """How like what she typed is to what the record holds."""

    edits: Edits
    more: bool  # she typed words that the record does not have


SAME = Likeness(Edits.NONE, more=False)


def likeness(first: str, last: str, given: Sequence[str], family: str) -> tuple[Likeness, Likeness]:
    """How like the given names are, and how like the family name, in whichever order she typed them."""
    asked_first, asked_last = words(first), words(last)
    held_given, held_family = words(" ".join(given)), words(family)
    if _all_on_record(asked_first + asked_last, held_given, held_family):
        return SAME, SAME
    straight = _given(asked_first, held_given), _family(asked_last, held_family)
    swapped = _given(asked_last, held_given), _family(asked_first, held_family)
    return min(straight, swapped, key=lambda both: (max(both), sum(alike.edits for alike in both)))


def words(name: str) -> list[str]:
    """ "Muñoz-Peña, Jr." -> ["munoz", "pena"]; "王小明" -> ["王小明"]."""
    kept = "".join(map(_kept, unicodedata.normalize("NFKD", name.translate(APOSTROPHES).casefold())))
    found = unicodedata.normalize("NFC", kept).translate(NO_MARK_TO_DROP).split()
    return [word for word in found if word not in SUFFIXES] or found


def _kept(character: str) -> str:
    mark = unicodedata.combining(character)
    if mark >= 200 or 10 <= mark <= 36 or unicodedata.category(character) == "Cf":
        return ""  # accents, Hebrew and Arabic points; not Thai or Hindi vowels, nor what makes か into が
    return character if unicodedata.category(character)[0] in "LMN" else " "


def _all_on_record(asked: list[str], given: list[str], family: list[str]) -> bool:
    """Whether she typed nothing but words of this record, on whichever side of first and last name."""
    if set(asked) == set(given + family):
        return bool(asked)  # also people with one name only, who type it twice
    both_sides = set(asked) & set(given) and set(asked) & set(family)
    return bool(both_sides) and not Counter(asked) - Counter(given + family)


def _given(asked: list[str], held: list[str]) -> Likeness:
    return _compare(asked, held, _is_slip_in_given)


def _family(asked: list[str], held: list[str]) -> Likeness:
    return _compare(asked, held, _is_slip_in_family)


def _compare(asked: list[str], held: list[str], is_slip: Callable[[str, str], bool]) -> Likeness:
    if not asked or not held:
        return Likeness(Edits.OTHER, more=False)
    joined = "".join(asked), "".join(held)
    if joined[0] == joined[1] or _found(asked, held):  # joined: "O Brien", "Mary Ann", "Delacruz"
        return SAME
    if _found(held, asked):
        return Likeness(Edits.NONE, more=True)
    word_by_word = _edits(_pairs(asked, held), is_slip)
    return min(Likeness(_edits([joined], is_slip), False), Likeness(word_by_word, len(asked) > len(held)))


def _found(these: list[str], among: list[str]) -> bool:
    """Whether each word has one of its own among the others. Beside a full word an initial will do."""
    left = list((Counter(these) - Counter(among)).elements())
    rest = list((Counter(among) - Counter(these)).elements())
    if len(left) == len(these):
        return False
    for word in left:
        other = next((o for o in rest if 1 in (len(word), len(o)) and word[0] == o[0]), None)
        if other is None:
            return False
        rest.remove(other)
    return True


def _pairs(asked: list[str], held: list[str]) -> list[tuple[str, str]]:
    """Each word of the shorter name with the nearest one that is left of the longer."""
    few, many = sorted((asked, held), key=len)
    rest, pairs = list(many), []
    for word in few:
        nearest = min(rest, key=partial(OSA.distance, word))
        rest.remove(nearest)
        pairs.append((word, nearest))
    return pairs


def _edits(pairs: list[tuple[str, str]], is_slip: Callable[[str, str], bool]) -> Edits:
    counts = [OSA.distance(a, b, score_cutoff=Edits.NEAR) for a, b in pairs]
    changed = [pair for pair, count in zip(pairs, counts, strict=True) if count]
    if sum(counts) == 1 and is_slip(*changed[0]):
        return Edits.SLIP
    shortest = min((len(word) for pair in changed for word in pair), default=0)
    return Edits.NEAR if sum(counts) <= min(Edits.NEAR, shortest // 2) else Edits.OTHER


def _is_slip_in_given(a: str, b: str) -> bool:
    """One edit, but Daniel and Daniela, Julia and Julie, Jayden and Hayden are brothers and sisters."""
    if sorted(a) == sorted(b):
        return len(a) >= 4  # two letters that changed places are no other name
    return min(len(a), len(b)) >= 5 and a[0] == b[0] and a[-1] == b[-1]


def _is_slip_in_family(a: str, b: str) -> bool:
    return min(len(a), len(b)) >= 4
