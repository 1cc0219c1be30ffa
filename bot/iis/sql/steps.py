"""The steps by which an operator learns what is wrong with the registry's copy."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, func, select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from bot.iis.sql.engine import translated
from bot.iis.sql.schema import is_current
from bot.iis.sql.tables import contact, immunization, load, person
from bot.iis.steps import Step
from bot.ports import IISRejected, IISUnavailable

# Before a connection stands PostgreSQL gives no SQLSTATE, only words.
NO_SERVER = {
    "failed to resolve host": "no host of that name: look at the host in IIS_URL",
    "No such file or directory": "there is no PostgreSQL behind that socket: look at the host in IIS_URL",
    "Connection refused": "nothing listens there: is PostgreSQL running, and are host and port in IIS_URL right?",
    "timeout": "no answer in time: look at the host in IIS_URL, and at the firewall",
    "unable to open database file": "no such file, or no right to open it: 'vaxtext iis load' makes it",
    "not a database": "the file in IIS_URL is no SQLite database",
}
NOT_LET_IN = {
    "password authentication failed": "the user or the password in IIS_URL is wrong",
    "no password supplied": "IIS_URL has no password, and PostgreSQL wants one",
    "no pg_hba.conf entry": "PostgreSQL's pg_hba.conf does not let this machine in",
    "the database system is": "PostgreSQL is just starting or stopping: try again in a minute",
    "too many": "PostgreSQL has no connection left: raise its max_connections",
    "permission denied for database": "this user may not open the database: GRANT CONNECT to it",
    "not permitted to log in": "this user may not log in: ALTER ROLE ... LOGIN",
    'database "': "there is no such database: make it, or look at the name in IIS_URL",
    'role "': "there is no such user: make it, or look at the user in IIS_URL",
}


def sql_steps(engine: Engine) -> Sequence[Step]:
    """Each answers with a sentence, or raises IISUnavailable or IISRejected with what to do."""
    return (
        Step("connect", lambda: _connect(engine)),
        Step("authenticate", lambda: _authenticate(engine)),
        Step("schema", lambda: _schema(engine)),
        Step("people", lambda: _people(engine)),
    )


def _connect(engine: Engine) -> str:
    trouble = _trouble(engine)
    if trouble and "FATAL" not in trouble:  # PostgreSQL's word when it answers, and with no
        raise IISUnavailable(_told(trouble, NO_SERVER, "the database cannot be reached: look at IIS_URL"))
    return "The file is there." if engine.dialect.name == "sqlite" else "PostgreSQL answers."


def _authenticate(engine: Engine) -> str:
    if trouble := _trouble(engine):
        raise IISRejected(_told(trouble, NOT_LET_IN, "the database does not let us in: its log says why"))
    with translated(), engine.connect() as connection:
        for table in (person, contact, immunization, load):
            connection.execute(select(*table.primary_key).limit(1))
    return "We may read the registry's tables."


def _trouble(engine: Engine) -> str:
    """What the driver says when it connects; may hold names from IIS_URL, so it is never shown."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1 FROM sqlite_master" if engine.dialect.name == "sqlite" else "SELECT 1"))
    except OperationalError as error:
        return str(error.orig)
    except SQLAlchemyError as error:
        return str(getattr(error, "orig", error))
    return ""


def _told(trouble: str, words: dict[str, str], otherwise: str) -> str:
    return next((told for said, told in words.items() if said in trouble), otherwise)


def _schema(engine: Engine) -> str:
    with translated(), engine.connect() as connection:
        if not is_current(connection):
            raise IISUnavailable("the registry's tables are older than this program: run 'vaxtext iis upgrade'")
    return "The tables are those that this program reads."


def _people(engine: Engine) -> str:
    with translated(), engine.connect() as connection:
        people, doses = (
            connection.execute(select(func.count()).select_from(table)).scalar_one() for table in (person, immunization)
        )
        last = connection.execute(select(load).order_by(load.c.id.desc()).limit(1)).first()
    if not people:
        raise IISRejected("the registry's tables are empty: fill them with 'vaxtext iis load'")
    return f"{people:,} people, {doses:,} doses; {_loaded(last)}."


def _loaded(last: Row[Any] | None) -> str:
    if last is None:
        return "never loaded from a file"
    if last.finished_at is None:
        return f"the load of {_moment(last.started_at)} is still running, or was ended: then load again"
    return f"loaded last on {_moment(last.finished_at)}"


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d at %H:%M UTC}"
