"""The steps by which an operator learns what is wrong with the registry's copy."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from bot.iis.sql.counts import told_wrong_dates, wrong_dates
from bot.iis.sql.engine import reading
from bot.iis.sql.errors import in_our_words, not_let_in, translated
from bot.iis.sql.schema import is_current, missing_indexes
from bot.iis.sql.tables import contact, immunization, load, person
from bot.iis.steps import Step
from bot.ports import IISRejected, IISUnavailable

PATIENCE = 120.0  # seconds: whole tables are counted, and nobody waits but the operator
ANSWERS = "FATAL"  # PostgreSQL's word when it answers, and with no


def sql_steps(engine: Engine, url: str) -> Sequence[Step]:
    """Each answers with a sentence, or raises IISUnavailable or IISRejected with what to do."""
    return (
        Step("connect", lambda: _connect(engine)),
        Step("authenticate", lambda: _authenticate(engine)),
        Step("schema", lambda: _schema(engine)),
        Step("people", lambda: _people(url)),
        Step("dates", lambda: _dates(url)),
    )


def _connect(engine: Engine) -> str:
    error = _failure(engine)
    if error and ANSWERS not in str(error):
        raise in_our_words(error)
    return "The file is there." if engine.dialect.name == "sqlite" else "PostgreSQL answers."


def _authenticate(engine: Engine) -> str:
    if error := _failure(engine):
        raise not_let_in(error)
    with translated(), engine.connect() as connection:
        for table in (person, contact, immunization, load):
            connection.execute(select(*table.primary_key).limit(1))
    return "We may read the registry's tables."


def _failure(engine: Engine) -> SQLAlchemyError | None:
    """What goes wrong when we connect; its text may hold names from IIS_URL, so it is never shown."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1 FROM sqlite_master" if engine.dialect.name == "sqlite" else "SELECT 1"))
    except SQLAlchemyError as error:
        return error
    return None


def _schema(engine: Engine) -> str:
    with translated(), engine.connect() as connection:
        if not is_current(connection):
            raise IISUnavailable("the registry's tables are older than this program: run 'vaxtext iis upgrade'")
        for index in missing_indexes(connection):
            raise IISUnavailable(
                f"the index {index.name} is missing, so each lookup reads a whole table: run 'vaxtext iis upgrade'"
            )
    return "The tables, and their indexes, are those that this program reads."


def _people(url: str) -> str:
    with _counting(url) as connection:
        people, doses = (
            connection.execute(select(func.count()).select_from(table)).scalar_one() for table in (person, immunization)
        )
        last = connection.execute(select(load).order_by(load.c.id.desc()).limit(1)).first()
    if not people:
        raise IISRejected("the registry's tables are empty: fill them with 'vaxtext iis load'")
    return f"{people:,} people, {doses:,} doses; {_loaded(last)}."


def _dates(url: str) -> str:
    with _counting(url) as connection:
        wrong = wrong_dates(connection)
    return told_wrong_dates(wrong) or "No dose lies in the future or before birth."


@contextmanager
def _counting(url: str) -> Iterator[Connection]:
    with translated(), reading(url, PATIENCE) as connection:
        yield connection


def _loaded(last: Row[Any] | None) -> str:
    if last is None:
        return "never loaded from a file"
    if last.finished_at is None:
        return f"the load of {_moment(last.started_at)} is still running, or was ended: then load again"
    return f"loaded last on {_moment(last.finished_at)}"


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d at %H:%M UTC}"
