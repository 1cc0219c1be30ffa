"""One load at a time, and a line for each in the registry's copy."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, text, update

from bot.iis.loading import vanished
from bot.iis.sql.errors import translated
from bot.iis.sql.tables import load
from bot.ports import IISUnavailable

TRY_LOCK = text("SELECT pg_try_advisory_lock(8294, 2)")  # the numbers are only ours
ANALYZE = text("ANALYZE person, contact, immunization")  # or the first lookups read whole tables
BUSY = "another load is still running: wait for its end"
MOVED = "the file of IIS_URL was moved or deleted while the load ran, and what was loaded went into that one"


@contextmanager
def only_load(engine: Engine) -> Iterator[Connection]:
    """The connection of this load, while no other runs. The lock ends with us, even by SIGKILL."""
    sqlite = engine.dialect.name == "sqlite"
    with _file_lock(engine) if sqlite else nullcontext(), _connected(engine) as connection:
        if not sqlite:
            with transaction(connection):
                if not connection.execute(TRY_LOCK).scalar_one():
                    raise IISUnavailable(BUSY)
        yield connection


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """All of it or nothing, which is also what readers see."""
    with translated(), connection.begin():
        yield


def begin(connection: Connection, *, full: bool) -> int:
    with transaction(connection):
        if full:
            vanished.begin(connection)
        started = insert(load).values(started_at=datetime.now(UTC)).returning(load.c.id)
        return int(connection.execute(started).scalar_one())


def finish(connection: Connection, load_id: int) -> None:
    with transaction(connection):
        if connection.dialect.name == "postgresql":
            connection.execute(ANALYZE)
        connection.execute(update(load).where(load.c.id == load_id).values(finished_at=datetime.now(UTC)))


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    with translated():
        connection = engine.connect()
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def _file_lock(engine: Engine) -> Iterator[None]:
    """Beside SQLite's file: opening and closing the file itself would end SQLite's own locks."""
    file = Path(engine.url.database or "")
    with open(os.open(f"{file}.lock", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise IISUnavailable(BUSY) from None
        before = _identity(file)
        yield
        if _identity(file) != before:
            raise IISUnavailable(MOVED)


def _identity(file: Path) -> tuple[int, int] | None:
    """SQLite goes on writing into a file that has no name any more."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
