"""Writes people and their doses into the registry's copy. Writing the same twice changes nothing."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from sqlalchemy import Connection, Table, bindparam, delete, insert

from bot.iis.dose import Dose
from bot.iis.tables import contact, immunization, person
from bot.records import Immunization, VaccineRecord

DELETE_DOSE = delete(immunization).where(
    immunization.c.person_id == bindparam("owner"), immunization.c.id == bindparam("dose")
)


def save_people(connection: Connection, people: Iterable[VaccineRecord]) -> None:
    """Replace these people and their contacts; of one person twice the later counts. Doses stay."""
    latest = {record.patient_id: record for record in people}
    connection.execute(delete(person).where(person.c.id.in_(latest)))
    connection.execute(delete(contact).where(contact.c.person_id.in_(latest)))
    _insert(connection, person, [_person_row(record) for record in latest.values()])
    _insert(connection, contact, [row for record in latest.values() for row in _contact_rows(record)])


def save_doses(connection: Connection, doses: Iterable[Dose]) -> None:
    """Replace these doses, and delete those taken back; of one dose twice the later counts."""
    latest = {(dose.person_id, dose.id): dose for dose in doses}
    if latest:
        connection.execute(DELETE_DOSE, [{"owner": owner, "dose": dose} for owner, dose in latest])
    rows = [_dose_row(dose, dose.given) for dose in latest.values() if dose.given]
    _insert(connection, immunization, rows)


def _person_row(record: VaccineRecord) -> dict[str, Any]:
    return {
        "id": record.patient_id,
        "family": record.family,
        "given": orjson.dumps(record.given).decode(),
        "suffix": record.suffix,
        "birth_date": record.birth_date,
    }


def _contact_rows(record: VaccineRecord) -> Iterator[dict[str, Any]]:
    for kind, values in (("phone", record.phones), ("email", record.emails)):
        for value in values:
            yield {"person_id": record.patient_id, "kind": kind, "value": value}


def _dose_row(dose: Dose, given: Immunization) -> dict[str, Any]:
    row = {"person_id": dose.person_id, "id": dose.id, "cvx": given.cvx, "date": given.date}
    return row | {"lot": given.lot, "place": given.place, "mvx": given.mvx}


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
