"""Residents who never lived, each with a lot of her own by which her page is known, and what each must get."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from pathlib import Path

from bot.iis.demo_people import DemoPerson
from bot.iis.dose import Dose
from bot.iis.sql.engine import writer
from bot.iis.sql.replica import save_doses, save_people
from bot.iis.sql.schema import upgrade_schema
from bot.records import Immunization, VaccineRecord

WAYS = ("own", "own", "phone", "own", "email", "own", "nobody", "own")  # one after the other
FAMILIES = [
    "".join(parts) for parts in product(["Bar", "Cor", "Dal", "Fen", "Hol"], ["a", "e", "i", "o"], ["ver", "man"])
]


@dataclass(frozen=True, slots=True)
class Resident:
    """Who texts, where her record's contact is, and which message must come to which contact."""

    person: DemoPerson
    way: str

    @property
    def phone(self) -> str:
        return self.person.phone

    @property
    def lot(self) -> str:
        return self.person.record.immunizations[0].lot or ""

    @property
    def contact(self) -> str:
        """What she answers when asked for the contact on the record."""
        return "1" if self.way in ("own", "nobody") else self.person.contact_hint

    @property
    def must_get(self) -> Counter[tuple[str, str]]:
        """Contact and kind of each message."""
        if self.way == "own":
            return Counter({(self.phone, "link"): 1})
        if self.way == "nobody":
            return Counter({(self.phone, "none"): 1})
        return Counter({(self.person.contact_hint, "link"): 1})


def residents(count: int, *, ways: Sequence[str] = WAYS) -> list[Resident]:
    return [_resident(number, ways[number % len(ways)]) for number in range(count)]


def registry(folder: Path, people: Iterable[Resident]) -> str:
    """A registry with all but those whom it does not know; its address."""
    url = f"sqlite:///{folder / 'registry.db'}"
    upgrade_schema(url)
    records = [one.person.record for one in people if one.way != "nobody"]
    doses = [Dose(record.patient_id, f"{record.patient_id}-1", record.immunizations[0]) for record in records]
    with writer(url) as engine, engine.begin() as connection:
        save_people(connection, records)
        save_doses(connection, doses)
    return url


def _resident(number: int, way: str) -> Resident:
    phone, other = f"+1360556{number:04d}", f"+1360557{number:04d}"
    record = VaccineRecord(
        patient_id=f"chaos-{number}",
        given=("Nora",),
        family=FAMILIES[number % len(FAMILIES)],
        birth_date=date(1950, 1, 1) + timedelta(days=37 * number % 15_000),
        phones=frozenset({"phone": (other,), "email": ()}.get(way, (phone,))),
        emails=frozenset((f"nora{number}@example.org",) if way == "email" else ()),
        immunizations=(Immunization(cvx="208", date=date(2021, 4, 8), lot=f"LOT{number:05d}", mvx="PFR"),),
    )
    return Resident(DemoPerson(f"chaos-{number}", "", phone, record), way)
