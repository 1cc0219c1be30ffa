"""Writes people and their doses into the registry's copy. Writing the same twice changes nothing."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from sqlalchemy import Connection, Table, bindparam, cast, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.iis.dose import Dose
from bot.iis.sql.tables import contact, immunization, person
from bot.records import Immunization, VaccineRecord

Row = dict[str, Any]
Insert = sqlite.Insert | postgresql.Insert

DELETE_DOSE = delete(immunization).where(
    immunization.c.person_id == bindparam("owner"), immunization.c.id == bindparam("dose")
)
DELETE_CONTACT = delete(contact).where(
    contact.c.person_id == bindparam("owner"), contact.c.kind == bindparam("is"), contact.c.value == bindparam("of")
)


def save_people(connection: Connection, people: Iterable[VaccineRecord]) -> None:
    """Write these people and their contacts; of one person twice the later counts. Doses stay."""
    latest = {record.patient_id: record for record in people}
    contacts = [row for record in latest.values() for row in _contact_rows(record)]
    _delete_other_contacts(connection, list(latest), contacts)
    upsert(connection, contact, contacts)
    upsert(connection, person, [_person_row(record) for record in latest.values()])


def save_doses(connection: Connection, doses: Iterable[Dose]) -> None:
    """Write these doses, and delete those taken back; of one dose twice the later counts."""
    latest = {(dose.person_id, dose.id): dose for dose in doses}
    taken_back = [{"owner": dose.person_id, "dose": dose.id} for dose in latest.values() if not dose.given]
    if taken_back:
        connection.execute(DELETE_DOSE, taken_back)
    upsert(connection, immunization, [_dose_row(dose, dose.given) for dose in latest.values() if dose.given])


def upsert(connection: Connection, table: Table, rows: list[Row]) -> None:
    """Insert rows, or change those that are there and different; each key at most once."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    statement = _insert(connection, table)
    news = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    differ = or_(*(table.c[name].is_distinct_from(new) for name, new in news.items()))
    rows.sort(key=lambda row: [row[key] for key in keys])  # neighbours in the index, one after the other
    _execute(connection, statement.on_conflict_do_update(index_elements=keys, set_=news, where=differ), rows)


def insert_new(connection: Connection, table: Table, rows: list[Row]) -> None:
    """Insert rows whose keys are not there yet."""
    if rows:
        _execute(connection, _insert(connection, table).on_conflict_do_nothing(), rows)


def _insert(connection: Connection, table: Table) -> Insert:
    """Each dialect has its own that knows ON CONFLICT."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def _execute(connection: Connection, statement: Insert, rows: list[Row]) -> None:
    """PostgreSQL takes all rows in one statement, as an array for each column: fewer messages to the server."""
    if connection.dialect.name == "sqlite":
        connection.execute(statement, rows)
        return
    columns = list(statement.table.c)
    arrays = [cast([row[column.name] for row in rows], postgresql.ARRAY(column.type)) for column in columns]
    unnested = func.unnest(*arrays).table_valued(*(column.name for column in columns)).render_derived()
    connection.execute(statement.from_select(columns, select(unnested)))


def _delete_other_contacts(connection: Connection, ids: list[str], contacts: Iterable[Row]) -> None:
    wanted = {(row["person_id"], row["kind"], row["value"]) for row in contacts}
    there = connection.execute(select(*contact.primary_key).where(contact.c.person_id.in_(ids)))
    gone = [{"owner": row[0], "is": row[1], "of": row[2]} for row in there if tuple(row) not in wanted]
    if gone:
        connection.execute(DELETE_CONTACT, gone)


def _person_row(record: VaccineRecord) -> Row:
    return {
        "id": record.patient_id,
        "family": record.family,
        "given": orjson.dumps(record.given).decode(),
        "suffix": record.suffix,
        "birth_date": record.birth_date,
        "other_names": orjson.dumps(_names(record)).decode() if record.other_names else None,
        "died": record.died,
    }


def _names(record: VaccineRecord) -> list[tuple[str, tuple[str, ...], str | None]]:
    return [(name.family, name.given, name.suffix) for name in record.other_names]


def _contact_rows(record: VaccineRecord) -> Iterator[Row]:
    for kind, values in (("phone", record.phones), ("email", record.emails)):
        for value in values:
            row = {"person_id": record.patient_id, "kind": kind, "value": value}
            yield row | {"birth_date": record.birth_date}


def _dose_row(dose: Dose, given: Immunization) -> Row:
    row = {"person_id": dose.person_id, "id": dose.id, "cvx": given.cvx, "date": given.date}
    return row | {"lot": given.lot, "place": given.place, "mvx": given.mvx}
