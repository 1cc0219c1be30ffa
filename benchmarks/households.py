"""Households of people who never lived, and the registry that holds most of them, from a seed."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from rapidfuzz.distance import OSA

from benchmarks.clerk import recorded, without_accents
from benchmarks.cultures import CULTURES, Culture
from benchmarks.people import Person

BORN_FIRST = date(1935, 1, 1)
# Two ways to write one name, as no parents call two children.
ONE_NAME = [
    {"aarti", "arti"},
    {"pooja", "puja"},
    {"sara", "sarah"},
    {"katherine", "kathryn"},
    {"teresa", "theresa"},
    {"stephen", "steven"},
    {"angelina", "angeline"},
    {"jasmine", "yasmin"},
    {"analyn", "annalyn"},
    {"skylar", "skyler"},
    {"alexei", "alexey"},
]


def households(random: Random, count: int) -> Iterator[list[Person]]:
    """One to seven people each, who share one phone or email, most of them in the registry."""
    weights = [culture.share for culture in CULTURES]
    for number in range(count):
        culture = random.choices(CULTURES, weights)[0]
        people = list(_household(random, culture, number))
        for person in people:
            if random.random() > _absent(person):
                person.record = recorded(random, person, has_contact=random.random() > 0.08)
        _mistake_father_for_son(random, people)
        yield people


def _absent(person: Person) -> float:
    """Twins are missing more often than they are: to have many questions for one while only the other is there."""
    return 0.4 if person.beside else 0.06


def _household(random: Random, culture: Culture, number: int) -> Iterator[Person]:
    contact = f"+1{360 + number // 10**7}{number % 10**7:07}" if random.random() < 0.85 else f"home{number}@example.org"
    family = _family(random, culture)
    born = BORN_FIRST + timedelta(days=random.randrange(20000))
    parents = [
        _person(random, culture, f"{number}-{i}", family, born + timedelta(days=900 * i), contact) for i in (0, 1)
    ]
    parents[1].family = family if random.random() < 0.6 else _family(random, culture)
    yield from parents[: random.choice((1, 2, 2))]
    taken = {person.given[0] for person in parents}
    for i in range(random.choice((0, 0, 1, 1, 2, 3))):
        child_born = born + timedelta(days=9000 + 700 * i + random.randrange(600))
        child = _person(random, culture, f"{number}-c{i}", family, child_born, contact, taken)
        taken.add(child.given[0])
        if i == 0 and random.random() < 0.08:
            _name_after(parents[0], child)
        yield child
        if i > 0 and random.random() < 0.35:
            twin = _twin(random, culture, child)
            taken.add(twin.given[0])
            yield twin


def _family(random: Random, culture: Culture) -> tuple[str, ...]:
    return tuple(random.sample(culture.family, 2 if random.random() < culture.two_families else 1))


def _person(
    random: Random,
    culture: Culture,
    id: str,
    family: tuple[str, ...],
    born: date,
    contact: str,
    taken: set[str] | None = None,
) -> Person:
    free = [name for name in culture.given if name not in (taken or ())]
    first = random.choice(free)
    given = (first, _another(random, free, first)) if random.random() < culture.second_given else (first,)
    return Person(id, culture.key, given, family, born, contact)


def _another(random: Random, names: Sequence[str], *taken: str) -> str:
    """One that has no word of the others: nobody is called Mark Mark Anthony, or Terrell Theresa beside Teresa."""
    words = {without_accents(word) for name in taken for word in name.split()}
    free = [name for name in names if words.isdisjoint(without_accents(name).split())]
    return random.choice([name for name in free if not any(is_one_name(name, other) for other in taken)])


def _name_after(father: Person, son: Person) -> None:
    son.given, father.suffix, son.suffix = father.given, "Sr.", "Jr."


def _twin(random: Random, culture: Culture, child: Person) -> Person:
    """With any name, with the most similar one, or with the same first of two given names."""
    others = [name for name in culture.given if not any(is_one_name(name, given) for given in child.given)]
    near = sorted(others, key=lambda name: OSA.distance(name.casefold(), child.given[0].casefold()))[:2]
    name = random.choice(random.choice((near, others)))
    given = (name, *child.given[1:]) if random.random() < 0.2 else (name,)  # some twins share the second name
    if culture.second_given > 0.3 and random.random() < 0.1:
        second = _another(random, others, child.given[0])
        child.given, given = (
            (child.given[0], second),
            (child.given[0], _another(random, others, child.given[0], second)),
        )
    twin = Person(f"{child.id}-twin", culture.key, given, child.family, child.born, child.contact)
    child.beside, twin.beside = twin.given, child.given
    return twin


def is_one_name(a: str, b: str) -> bool:
    """Also Hoa and Hòa, as registries have few accents; and Lan and Thị Lan, of which one is in the other."""
    plain = [without_accents(name).casefold() for name in (a, b)]
    words = [set(name.split()) for name in plain]
    return words[0] <= words[1] or words[1] <= words[0] or any(set(plain) <= names for names in ONE_NAME)


def _mistake_father_for_son(random: Random, people: list[Person]) -> None:
    """Now and then the clerk gave the father his son's birth date, and the son is not there."""
    father, son = people[0], next((person for person in people if person.suffix == "Jr."), None)
    if son and father.record and father.record.contacts and random.random() < 0.3:
        son.record = None
        father.record = recorded(random, father, born=son.born, suffix=father.suffix)
