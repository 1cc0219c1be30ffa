"""Questions for the people of many households: for those on record, and for those who are not."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import permutations
from random import Random

from benchmarks.cultures import CULTURES
from benchmarks.households import households, is_one_name
from benchmarks.people import Person, Question
from benchmarks.typing_errors import (
    BEYOND,
    PROMISED,
    Way,
    as_she_is_called,
    family_first_in_one,
    middle_initial,
    one_family_name,
    second_name_only,
)
from bot.iis.names.folding import suffixes, words
from bot.records import Demographics, VaccineRecord

BORN, CONTACT = date(2012, 5, 9), "+13605550100"
BORN_AS_ANOTHER = 0.01  # how many give the birth date of somebody else at home


def questions(seed: int, count: int) -> Iterator[Question]:
    """Three for each person of `count` households."""
    random = Random(seed)
    for people in households(random, count):
        records = tuple(person.record for person in people if person.record)
        for person in people:
            for _ in range(3):
                yield _question(random, person, people, records)


def sisters() -> Iterator[Question]:
    """Each given name asked for while only a twin with another name of the same culture is on record."""
    for culture in CULTURES:
        family = culture.family[0]
        for name, other in permutations(culture.given, 2):
            record = VaccineRecord(name, family, (name,), BORN, phones=frozenset({CONTACT}))
            if not is_one_name(name, other):
                yield Question(
                    Demographics(other, family, BORN, CONTACT), (record,), other, "every name for every other"
                )


def _question(random: Random, person: Person, people: Sequence[Person], records: tuple[VaccineRecord, ...]) -> Question:
    way, typed = _typed(random, person)
    born = person.born
    if random.random() < BORN_AS_ANOTHER:
        born = random.choice(people).born
    who = Demographics(*typed, born, person.contact)
    name = way.__name__.replace("_", " ")
    if _is_true_of_another(way, typed, born, person, people):
        return Question(who, records, person.id, "what she typed is true of another too", open=False)
    if born != person.born:
        return Question(who, records, person.id, "birth date of another at home")
    if person.record is None or person.record.birth_date != person.born:
        return Question(who, records, person.id, "twin on record, she is not" if person.beside else "not on record")
    if not person.record.contacts:
        return Question(who, records, person.id, "on record without contact")
    if way in BEYOND:
        return Question(who, records, person.id, f"beyond: {name}")
    if not _has_what_she_goes_by(way, typed, person.record):
        return Question(who, records, person.id, "beyond: a name that her record lacks")
    return Question(who, records, person.id, name, target=True)


def _typed(random: Random, person: Person) -> tuple[Way, tuple[str, str]]:
    ways = PROMISED | BEYOND
    while True:
        way = random.choices(list(ways), list(ways.values()))[0]
        if typed := way(random, person):
            return way, typed


def _is_true_of_another(way: Way, typed: tuple[str, str], born: date, person: Person, people: Sequence[Person]) -> bool:
    """Only "María" of María José and María Fernanda; a namesake whose record has this birth date; a slip that made
    of Thoa her twin Hoa."""
    others = (other for other in people if other is not person and _born(other) == born)
    meant = _given_names_in(way, person)
    return any(_is_true_of(names, typed, other) for other in others for names in (meant, words(typed[0])))


def _born(person: Person) -> date:
    return person.record.birth_date if person.record else person.born


def _given_names_in(way: Way, person: Person) -> list[str]:
    """The given names that she meant to type, an initial as it is."""
    if way is second_name_only:
        return words(person.given[1])
    if way is middle_initial:
        return words(f"{person.given[0]} {person.given[1][0]}")
    return words(" ".join(person.given) if way in (as_she_is_called, family_first_in_one) else person.given[0])


def _is_true_of(given: list[str], typed: tuple[str, str], other: Person) -> bool:
    held = suffixes((f"x {other.record.suffix}",)) if other.record and other.record.suffix else set()
    if held and suffixes(typed) not in (set(), held):
        return False
    if any(is_one_name(" ".join(given), name) for name in other.given):
        return True
    theirs = words(" ".join(other.given))
    return all(name in theirs or (len(name) == 1 and any(each.startswith(name) for each in theirs)) for name in given)


def _has_what_she_goes_by(way: Way, typed: tuple[str, str], record: VaccineRecord) -> bool:
    """Whether her record has the second name, or the one family name, that is all she typed."""
    if way is second_name_only:
        return words(typed[0]) == words(" ".join(record.given[1:]))
    return way is not one_family_name or set(words(typed[1])) <= set(words(record.family))
