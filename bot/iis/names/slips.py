"""One wrong key: when two words differ by a typing slip, and when they may be two people's names. Pure."""

import csv
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rapidfuzz.distance import OSA

TABLE = Path(__file__).with_name("slips.csv")
KINDS = ("swapped", "doubled", "beside", "added")
MARKS = re.compile(r"(\d+)([a-z]*)")


class Slip(NamedTuple):
    """What happened to a name while it was typed, as `slips.csv` writes it."""

    kind: str  # "swapped" with the next letter, "doubled", the key "beside" it, a key "added" before it
    place: int  # of the letter, from 0
    letter: str = ""  # that was typed, if it is another


def is_slip(a: str, b: str) -> bool:
    """One letter too many, too few or wrong, or two that changed places: "Ryees" in a family name."""
    return min(len(a), len(b)) >= 3 and OSA.distance(a, b, score_cutoff=1) == 1


def is_slip_in_given(a: str, b: str) -> bool:
    """As `is_slip`, if it can be no other name: Daniel and Daniela are brother and sister."""
    return _is_forgiven(a, b) or _is_forgiven(b, a)  # registries have slips too


def slip_of(name: str, typed: str) -> Slip | None:
    """("daniel", "dnaiel") -> swapped at 1; None if it is no slip, or if a letter was left out."""
    together = zip(name, typed, strict=False)
    place = next((i for i, (a, b) in enumerate(together) if a != b), min(len(name), len(typed)))
    letter, rest = typed[place : place + 1], typed[place + 1 :]
    if rest == name[place:] and letter:
        is_doubled = place > 0 and letter == name[place - 1]
        return Slip("doubled", place - 1) if is_doubled else Slip("added", place, letter)
    if letter and rest == name[place + 1 :] and len(typed) == len(name):
        return Slip("beside", place, letter)
    if typed[place:] == name[place + 1 : place + 2] + name[place : place + 1] + name[place + 2 :] != name[place:]:
        return Slip("swapped", place)
    return None


def _is_forgiven(typed: str, name: str) -> bool:
    slip = slip_of(name, typed) if name in table() else None
    if slip is None:
        return False
    marks = MARKS.findall(table()[name][KINDS.index(slip.kind)])
    return any(int(place) == slip.place and slip.letter in letters for place, letters in marks)


@cache
def table() -> dict[str, list[str]]:
    """Well-known name -> for each of the KINDS its places, each with the letters typed: "2qw 4s"."""
    with TABLE.open(newline="", encoding="ascii") as file:
        return {name: marks for name, *marks in csv.reader(file)}
