"""How a lookup reads the copy: in one statement, so that it waits once and sees each person at one moment."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import Connection, Row, bindparam, func, select

from bot.iis.doses import merged
from bot.iis.sql.tables import contact, immunization, person
from bot.records import Immunization, PersonName, VaccineRecord

TOO_MANY = 200  # born on one day with one contact: a number and a date that only fill a form

HOLDERS = select(contact.c.person_id).where(
    contact.c.value == bindparam("contact"), contact.c.birth_date == bindparam("birth_date")
)
CONTACTS = select(func.aggregate_strings(contact.c.value, " ")).where(contact.c.person_id == person.c.id)
PEOPLE = (
    select(person, CONTACTS.scalar_subquery().label("contacts")).where(person.c.id.in_(HOLDERS)).limit(TOO_MANY)
).subquery("people")
PEOPLE_AND_DOSES = (
    select(PEOPLE, *(immunization.c[name] for name in ("cvx", "date", "lot", "place", "mvx")))
    .select_from(PEOPLE.outerjoin(immunization, immunization.c.person_id == PEOPLE.c.id))
    .order_by(PEOPLE.c.id)
)


def candidates(connection: Connection, value: str, birth_date: date) -> list[VaccineRecord]:
    """Everybody with this contact who was born on this day."""
    rows = connection.execute(PEOPLE_AND_DOSES, {"contact": value, "birth_date": birth_date})
    people = [_record(list(of_one)) for _, of_one in groupby(rows, attrgetter("id"))]
    return people if len(people) < TOO_MANY else []  # the one she is like might be clearly better among these only


def _record(rows: Sequence[Row[Any]]) -> VaccineRecord:
    """From the rows of her doses, or the one row of a person without any."""
    person = rows[0]
    contacts = person.contacts.split()
    return VaccineRecord(
        patient_id=person.id,
        family=person.family,
        given=tuple(orjson.loads(person.given)),
        birth_date=person.birth_date,
        suffix=person.suffix,
        immunizations=merged(_doses(rows)),
        phones=frozenset(value for value in contacts if "@" not in value),
        emails=frozenset(value for value in contacts if "@" in value),
        other_names=tuple(_names(person.other_names)) if person.other_names else (),
        died=person.died,
    )


def _names(listed: str) -> Iterable[PersonName]:
    return (PersonName(family, tuple(given), suffix) for family, given, suffix in orjson.loads(listed))


def _doses(rows: Iterable[Row[Any]]) -> Iterable[Immunization]:
    return (Immunization(row.cvx, row.date, row.lot, row.place, row.mvx) for row in rows if row.cvx is not None)
