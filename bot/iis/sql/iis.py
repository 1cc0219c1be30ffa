"""The registry as a SQL copy: SQLite by default, PostgreSQL by its URL."""

import os
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, select

from bot.iis.http.deadline import deadline
from bot.iis.matching import best_match
from bot.iis.sql.engine import open_reader
from bot.iis.sql.errors import translated
from bot.iis.sql.lookup import candidates
from bot.iis.sql.steps import sql_steps
from bot.iis.sql.tables import person
from bot.iis.steps import Step
from bot.records import Demographics, VaccineRecord


class SqlIIS:
    """An IIS that reads a copy of the registry. Safe to share between threads, and to keep across a fork."""

    def __init__(self, url: str, *, timeout: float = 5.0) -> None:
        """`url`: sqlite:///var/iis.db, postgresql://host/name. `timeout`: seconds for a whole call."""
        self._url, self._timeout, self._engine = url, timeout, open_reader(url, timeout)
        engine = weakref.ref(self._engine)
        os.register_at_fork(after_in_child=lambda: _forget_connections(engine))

    def find(self, who: Demographics) -> VaccineRecord | None:
        with self._connection() as connection:
            people = candidates(connection, who.contact, who.birth_date)
        return best_match(who, people)

    def ping(self) -> None:
        with self._connection() as connection:
            connection.execute(select(person.c.id).limit(1))

    def steps(self) -> Sequence[Step]:
        """What must work, one after the other, for `vaxtext iis check`."""
        return sql_steps(self._engine, self._url)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        with deadline(self._timeout), translated(), self._engine.connect() as connection:
            yield connection


def _forget_connections(engine: weakref.ref[Engine]) -> None:
    if (ours := engine()) is not None:
        ours.dispose(close=False)  # they are the parent's, which goes on using them
