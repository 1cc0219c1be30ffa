"""The registry's copy in a SQLite file."""

import os
import sqlite3
import time
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Engine, NullPool, create_engine, event

WRITER_CACHE = 128 * 1024  # KiB in memory while it loads
OPCODES_PER_LOOK = 10_000  # how often it looks at the clock, well under a millisecond


def open_reader(address: URL, timeout: float) -> Engine:
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


def open_writer(address: URL, patience: float) -> Engine:
    """Makes the file, and its folder, where there is none."""
    _make_private(Path(address.database or ""))
    engine = create_engine(address, hide_parameters=True, poolclass=NullPool, connect_args={"timeout": patience})
    event.listen(engine, "connect", lambda connection, _: _prepare_to_write(connection))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


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
