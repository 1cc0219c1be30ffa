"""What a registry knows of a person: who is asked for, her doses, her record. Personal data never prints itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

E164 = re.compile(r"\+[1-9]\d{6,14}")


@dataclass(frozen=True, slots=True)
class Demographics:
    """The person that a resident asks for, as she described her."""

    first_name: str
    last_name: str
    birth_date: date
    contact: str  # the phone (E.164) or email (lower case) that the registry should hold

    def __repr__(self) -> str:
        return "Demographics(...)"


@dataclass(frozen=True, slots=True)
class Immunization:
    """One dose that was given."""

    cvx: str  # CDC's vaccine code, such as "208"; digits as text
    date: date
    lot: str | None = None
    place: str | None = None
    mvx: str | None = None  # CDC's manufacturer code, such as "PFR"

    def __repr__(self) -> str:
        return "Immunization(...)"


@dataclass(frozen=True, slots=True)
class PersonName:
    """One of the names that a person has or had."""

    family: str
    given: tuple[str, ...]
    suffix: str | None = None

    def __repr__(self) -> str:
        return "PersonName(...)"


@dataclass(frozen=True, slots=True)
class VaccineRecord:
    """One person as the registry holds her. Every dose is kept here; cards and pages choose from it."""

    patient_id: str
    family: str
    given: tuple[str, ...]
    birth_date: date
    suffix: str | None = None
    immunizations: tuple[Immunization, ...] = ()
    phones: frozenset[str] = frozenset()  # E.164
    emails: frozenset[str] = frozenset()  # lower case
    other_names: tuple[PersonName, ...] = ()  # by which she is found too; cards and pages show the one above
    died: bool = False  # then the record goes to nobody
    unreadable: int = 0  # doses that the registry delivered besides and we could not read

    def __repr__(self) -> str:
        return "VaccineRecord(...)"

    @property
    def names(self) -> tuple[PersonName, ...]:
        """All by which she may be asked for, the official one first."""
        return PersonName(self.family, self.given, self.suffix), *self.other_names

    @property
    def contacts(self) -> frozenset[str]:
        return self.phones | self.emails

    @property
    def name(self) -> str:
        return full_name(self.family, self.given, self.suffix)


def full_name(family: str, given: Sequence[str], suffix: str | None) -> str:
    """The name as a reader says it: "Ana María Reyes Jr.", "王小明"."""
    if family and all(ord(character) >= 0x2E80 for character in family):  # Han, kana, Hangul
        return "".join((family, *given))
    return " ".join(part for part in (*given, family, suffix) if part)
