"""A person as she is, her record as a clerk typed it, and a question as somebody texts it."""

from dataclasses import dataclass
from datetime import date

from bot.records import Demographics, VaccineRecord


@dataclass(slots=True)
class Person:
    """Somebody who never lived."""

    id: str
    culture: str
    given: tuple[str, ...]  # the everyday name first
    family: tuple[str, ...]
    born: date
    contact: str  # the phone or email that her household gives
    suffix: str = ""
    record: VaccineRecord | None = None  # None: not in this registry
    beside: tuple[str, ...] = ()  # the given names of her twin


@dataclass(frozen=True, slots=True)
class Question:
    who: Demographics
    candidates: tuple[VaccineRecord, ...]  # all records of the household
    asked_for: str  # the id of the person meant, who may have no record
    kind: str
    target: bool = False  # whether it counts for recall: her contact, birth date and name are on her record
    open: bool = True  # whether a name can tell at all whom is meant; if not, it counts for nothing but its own row
