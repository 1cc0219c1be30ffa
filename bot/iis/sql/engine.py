"""How we open the registry's copy: the right driver, and time limits."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Engine, NullPool, create_engine, event, make_url

from bot.iis.sql.postgres import end_waits, impatient, with_psycopg

POOL_SIZE = 8  # connections of one process, PostgreSQL only
RECYCLE = 1800  # seconds
WRITER_PATIENCE = 60.0  # seconds that a load waits for a lock
WRITER_CACHE = 128 * 1024  # KiB that SQLite keeps in memory while it loads
OPCODES_PER_LOOK = 10_000  # how often SQLite looks at the clock, well under a millisecond


def open_reader(url: str, timeout: float) -> Engine:
    """An engine that cannot write; connecting, waiting and each statement end after `timeout` seconds."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _open_sqlite_reader(address, timeout)
    options = f"-c default_transaction_read_only=on -c statement_timeout={int(timeout * 1000)}"
    engine = create_engine(
        with_psycopg(address),
        hide_parameters=True,
        connect_args=impatient(timeout) | {"options": options},
        isolation_level="AUTOCOMMIT",  # a lookup is one statement: BEGIN and ROLLBACK would be two waits more
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=timeout,
        pool_pre_ping=True,
        pool_recycle=RECYCLE,
    )
    end_waits(engine, timeout)
    return engine


@contextmanager
def writer(url: str) -> Iterator[Engine]:
    """An engine for loading; it makes a SQLite file, and its folder, where there is none."""
    address = make_url(url)
    arguments: dict[str, Any] = {"timeout": WRITER_PATIENCE}
    if address.get_backend_name() == "sqlite":
        _make_private(Path(address.database or ""))
    else:
        address, arguments = with_psycopg(address), impatient(WRITER_PATIENCE)
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
        isolation_level="AUTOCOMMIT",
    )
    event.listen(engine, "connect", lambda connection, _: _restrict(connection, timeout))
    return engine


def _restrict(connection: sqlite3.Connection, timeout: float) -> None:
    connection.execute("PRAGMA query_only = ON")
    deadline = time.monotonic() + timeout
    connection.set_progress_handler(lambda: time.monotonic() > deadline, OPCODES_PER_LOOK)
