"""How a clerk brings a person into the registry: capitals, lost accents, lost second names."""

import unicodedata
from datetime import date
from random import Random

from benchmarks.people import Person
from bot.records import VaccineRecord

NO_MARK_TO_DROP = str.maketrans("đĐøØ", "dDoO")
CYRILLIC_AND_BEYOND = 0x400
VIETNAMESE = range(0x1E00, 0x2000)


def recorded(
    random: Random, person: Person, *, has_contact: bool = True, born: date | None = None, suffix: str | None = None
) -> VaccineRecord:
    spell = random.choice((str, str, str.upper, without_accents, lambda name: without_accents(name).upper()))
    given, family = _given(random, person), _family(random, person)
    contact = frozenset({person.contact} if has_contact else ())
    is_phone = not person.contact.endswith(".org")
    return VaccineRecord(
        patient_id=person.id,
        family=spell(family),
        given=tuple(map(spell, given)),
        birth_date=born or person.born,
        suffix=suffix or (person.suffix if person.suffix and random.random() < 0.6 else None),
        phones=contact if is_phone else frozenset(),
        emails=frozenset() if is_phone else contact,
    )


def without_accents(name: str) -> str:
    """ "Muñoz" -> "Munoz", as a form of A to Z has it."""
    plain = name.translate(NO_MARK_TO_DROP)
    return "".join(
        unicodedata.normalize("NFD", c)[0] if ord(c) < CYRILLIC_AND_BEYOND or ord(c) in VIETNAMESE else c for c in plain
    )


def _given(random: Random, person: Person) -> tuple[str, ...]:
    first, *others = person.given
    if not others or person.beside[:1] == (first,):  # a clerk writes out what tells twins apart
        return person.given
    way = random.random()
    if way < 0.3:
        return (first,)
    return (first, others[0][0]) if way < 0.5 and others[0].isascii() else person.given


def _family(random: Random, person: Person) -> str:
    if len(person.family) == 1:
        return person.family[0]
    way = random.random()
    if way < 0.25:
        return person.family[0]
    return ("-" if way < 0.5 else " ").join(person.family)
