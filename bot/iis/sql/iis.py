"""The registry as a SQL copy: SQLite by default, PostgreSQL by its URL."""

import os
import weakref
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Row, Table, select

from bot.iis.doses import merged
from bot.iis.matching import best_match
from bot.iis.sql.engine import open_reader, translated
from bot.iis.sql.steps import sql_steps
from bot.iis.sql.tables import contact, immunization, person
from bot.iis.steps import Step
from bot.records import Demographics, Immunization, VaccineRecord

TOO_MANY = 200  # born on one day with one contact: a number and a date that only fill a form


class SqlIIS:
    """An IIS that reads a copy of the registry. Safe to share between threads, and to keep across a fork."""

    def __init__(self, url: str, *, timeout: float = 5.0) -> None:
        """`url`: sqlite:///var/iis.db, postgresql://host/name. `timeout`: seconds for each wait."""
        self._engine = open_reader(url, timeout)
        engine = weakref.ref(self._engine)
        os.register_at_fork(after_in_child=lambda: _forget_connections(engine))

    def find(self, who: Demographics) -> VaccineRecord | None:
        with translated(), self._engine.connect() as connection:
            candidates = _candidates(connection, who.contact, who.birth_date)
        return best_match(who, candidates)

    def ping(self) -> None:
        with translated(), self._engine.connect() as connection:
            connection.execute(select(person.c.id).limit(1))

    def steps(self) -> Sequence[Step]:
        """What must work, one after the other, for `vaxtext iis check`."""
        return sql_steps(self._engine)

    def close(self) -> None:
        self._engine.dispose()


def _forget_connections(engine: weakref.ref[Engine]) -> None:
    if (ours := engine()) is not None:
        ours.dispose(close=False)  # they are the parent's, which goes on using them


def _candidates(connection: Connection, value: str, birth_date: date) -> list[VaccineRecord]:
    holders = select(contact.c.person_id).where(contact.c.value == value, contact.c.birth_date == birth_date)
    people = connection.execute(select(person).where(person.c.id.in_(holders)).limit(TOO_MANY)).all()
    if len(people) == TOO_MANY:
        return []  # not the first few: the one she is like might be clearly better among them only
    ids = [row.id for row in people]
    contacts = _rows_of(connection, contact, ids)
    doses = _rows_of(connection, immunization, ids)
    return [_record(row, _of(row.id, contacts), _of(row.id, doses)) for row in people]


def _rows_of(connection: Connection, table: Table, ids: Sequence[str]) -> Sequence[Row[Any]]:
    return connection.execute(select(table).where(table.c.person_id.in_(ids))).all() if ids else ()


def _of(person_id: str, rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    return [row for row in rows if row.person_id == person_id]


def _record(row: Row[Any], contacts: Sequence[Row[Any]], doses: Sequence[Row[Any]]) -> VaccineRecord:
    return VaccineRecord(
        patient_id=row.id,
        family=row.family,
        given=tuple(orjson.loads(row.given)),
        birth_date=row.birth_date,
        suffix=row.suffix,
        immunizations=merged(map(_immunization, doses)),
        phones=frozenset(c.value for c in contacts if c.kind == "phone"),
        emails=frozenset(c.value for c in contacts if c.kind == "email"),
    )


def _immunization(row: Row[Any]) -> Immunization:
    return Immunization(cvx=row.cvx, date=row.date, lot=row.lot, place=row.place, mvx=row.mvx)
