"""How we open the registry's copy: the right driver, time limits, and its errors in our words."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.ports import IISRejected, IISUnavailable

POOL_SIZE = 8  # connections of one process, PostgreSQL only
RECYCLE = 1800  # seconds
WRITER_PATIENCE = 60.0  # seconds that a load waits for a lock
WRITER_CACHE = 128 * 1024  # KiB that SQLite keeps in memory while it loads
OTHER_SCHEMA = ("42P01", "42703")  # PostgreSQL's SQLSTATEs: no such table, no such column
NOT_ALLOWED = "42501"  # PostgreSQL's SQLSTATE
OPCODES_PER_LOOK = 10_000  # how often SQLite looks at the clock, well under a millisecond


def open_reader(url: str, timeout: float) -> Engine:
    """An engine that cannot write; connecting, waiting and each statement end after `timeout` seconds."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _open_sqlite_reader(address, timeout)
    options = f"-c default_transaction_read_only=on -c statement_timeout={int(timeout * 1000)}"
    return create_engine(
        _with_psycopg(address),
        hide_parameters=True,
        connect_args=_impatient(timeout) | {"options": options},
        isolation_level="REPEATABLE READ",  # all parts of a person as they are at one moment
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=timeout,
        pool_pre_ping=True,
        pool_recycle=RECYCLE,
    )


@contextmanager
def writer(url: str) -> Iterator[Engine]:
    """An engine for loading; it makes a SQLite file, and its folder, where there is none."""
    address = make_url(url)
    arguments: dict[str, Any] = {"timeout": WRITER_PATIENCE}
    if address.get_backend_name() == "sqlite":
        _make_private(Path(address.database or ""))
    else:
        address, arguments = _with_psycopg(address), _impatient(WRITER_PATIENCE)
    engine = create_engine(address, hide_parameters=True, poolclass=NullPool, connect_args=arguments)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: _prepare_to_write(connection))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        yield engine
    finally:
        engine.dispose()


def _make_private(file: Path) -> None:
    """A registry's copy is for nobody else on this machine."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    file.chmod(0o600)


def _prepare_to_write(connection: sqlite3.Connection) -> None:
    """With a write-ahead log readers go on reading, and see only what is complete."""
    connection.isolation_level = None  # we begin ourselves: sqlite3 would leave out CREATE TABLE
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE}")


@contextmanager
def translated() -> Iterator[None]:
    """Raise IISUnavailable or IISRejected for what the database raises, without a word of what was asked."""
    try:
        yield
    except SQLAlchemyError as error:
        raise _in_our_words(error) from None
    except (ValueError, TypeError):  # a date or a list of names that is none
        raise IISRejected("the registry's database holds what is no record") from None


def _in_our_words(error: SQLAlchemyError) -> IISUnavailable | IISRejected:
    original = getattr(error, "orig", None)
    state = getattr(original, "sqlstate", None)
    if state in OTHER_SCHEMA or str(original).startswith(("no such table", "no such column")):
        return IISUnavailable(
            "the registry's tables are missing, or older than this program: run 'vaxtext iis upgrade'"
        )
    if state == NOT_ALLOWED:
        return IISRejected("the registry's database lets this user not do that: grant it the right")
    if isinstance(error, (OperationalError, InterfaceError, PoolTimeout)):
        return IISUnavailable(f"the registry's database did not answer: {_kind(error)}")
    return IISRejected(f"the registry's database refused: {_kind(error)}")


def _open_sqlite_reader(address: URL, timeout: float) -> Engine:
    """A missing file is an error, not a new, empty registry; `rw` only cleans up after a killed load.

    No pool: opening takes a fraction of a millisecond, a file that was replaced is seen at once, and nothing
    is carried across a fork, which SQLite forbids.
    """
    file = f"file:{quote(str(Path(address.database or '').absolute()))}"
    engine = create_engine(
        address.set(database=file, query={"mode": "rw", "uri": "true"}),
        hide_parameters=True,
        poolclass=NullPool,
        connect_args={"timeout": timeout},
    )
    event.listen(engine, "connect", lambda connection, _: _restrict(connection, timeout))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _restrict(connection: sqlite3.Connection, timeout: float) -> None:
    connection.isolation_level = None  # one transaction of our own: all parts of a person at one moment
    connection.execute("PRAGMA query_only = ON")
    deadline = time.monotonic() + timeout
    connection.set_progress_handler(lambda: time.monotonic() > deadline, OPCODES_PER_LOOK)


def _with_psycopg(address: URL) -> URL:
    named = address.drivername in ("postgresql", "postgres")
    return address.set(drivername="postgresql+psycopg") if named else address


def _impatient(timeout: float) -> dict[str, Any]:
    """libpq waits for ever unless told: for the connection, and for a server that went away."""
    seconds = max(2, round(timeout))
    alive = {"keepalives_idle": seconds, "keepalives_interval": 2, "keepalives_count": 2}
    return {"connect_timeout": seconds, "tcp_user_timeout": seconds * 1000} | alive


def _kind(error: SQLAlchemyError) -> str:
    """The name of the driver's error: its text may quote what was asked."""
    return type(error.orig).__name__ if isinstance(error, DBAPIError) else type(error).__name__
