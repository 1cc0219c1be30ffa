"""What `slips.csv` does: how many slips it forgives, and whether it takes a name, or a twin's slip, for another's."""

from collections import Counter
from collections.abc import Collection, Iterator
from random import Random

from benchmarks.slips.kinds import is_slip_of, may_be_typed_for, slips
from bot.iis.names.slips import is_slip_in_given, table
from bot.iis.names.word import Unlikeness, Word, unlike_in_given

SEED = 20210401
LENGTHS = {"3 or 4": range(3, 5), "5 or 6": range(5, 7), "7 or 8": range(7, 9), "9 and more": range(9, 99)}
Rates = dict[tuple[str, str], tuple[int, int]]


def forgiven(births: Counter[str], count: int) -> Rates:
    """(kind, letters of the name) -> slips asked and forgiven, in names as frequent as among US births."""
    random = Random(SEED)
    asked: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    names = [name for name in births if len(name) >= 3]
    for name in random.choices(names, [births[name] for name in names], k=count):
        by_kind: dict[str, list[str]] = {}
        for typed, kind in slips(name).items():
            by_kind.setdefault(kind, []).append(typed)
        kind = random.choice(sorted(by_kind))  # each as often, though there are many keys and few neighbours
        typed = random.choice(by_kind[kind])
        key = kind, next(title for title, lengths in LENGTHS.items() if len(name) in lengths)
        asked[key] += 1
        right[key] += unlike_in_given(Word(typed, typed), Word(name, name)) <= Unlikeness.SLIP
    return {key: (asked[key], right[key]) for key in asked}


def names_taken_for_names(names: Collection[str]) -> tuple[int, list[str]]:
    """Of all pairs of a well-known name and another that is a slip of it: how many, and those that are forgiven."""
    pairs = [(typed, name) for name in table() for typed in slips(name) if typed in names]
    return len(pairs), [f"{typed}/{name}" for typed, name in pairs if is_slip_in_given(typed, name)]


def slips_taken_for_twins(names: set[str]) -> tuple[int, list[str]]:
    """Of all slips that are forgiven: how many, and those that her twin may make of another of the `names`."""
    found = [(typed, name) for name in table() for typed in slips(name) if is_slip_in_given(typed, name)]
    return len(found), [f"{typed} of {twin}/{name}" for typed, name in found for twin in _twins(typed, names, name)]


def _twins(typed: str, names: set[str], name: str) -> Iterator[str]:
    near = names.intersection(may_be_typed_for(typed))
    return (twin for twin in sorted(near) if twin != name and is_slip_of(twin, typed))
