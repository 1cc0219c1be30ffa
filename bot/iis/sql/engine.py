"""How we open the registry's copy, in whichever database it is."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, make_url

from bot.iis.sql import postgres, sqlite

PATIENCE = 60.0  # seconds that a load waits for a lock, or for a sign of life


def open_reader(url: str, timeout: float) -> Engine:
    """An engine that cannot write; connecting, waiting and each statement end after `timeout` seconds."""
    address = make_url(url)
    if _is_sqlite(address):
        return sqlite.open_reader(address, timeout)
    return postgres.open_reader(address, timeout)


@contextmanager
def reading(url: str, timeout: float) -> Iterator[Connection]:
    """One connection of such an engine, which ends with the block."""
    engine = open_reader(url, timeout)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def writer(url: str, *, patience: float = PATIENCE) -> Iterator[Engine]:
    """An engine for loading; it makes a SQLite file, and its folder, where there is none.

    `patience`: seconds that it waits for a lock, or for a PostgreSQL that is silent and lets nobody else in.
    """
    address = make_url(url)
    engine = sqlite.open_writer(address, patience) if _is_sqlite(address) else postgres.open_writer(address, patience)
    try:
        yield engine
    finally:
        engine.dispose()


def _is_sqlite(address: URL) -> bool:
    return address.get_backend_name() == "sqlite"
