"""How the audit trail's database is opened, and what it cannot do in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.iis.sql.engine import reading, writer
from bot.ports import TrailUnavailable

VERSIONS = "audit_version"
PATIENCE = 10.0  # seconds
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(8294, 2)")  # the numbers are only ours
NO_TABLE = ("no such table", "UndefinedTable", "42P01")
OLD_TABLE = ("no such column", "has no column", "42703")


@contextmanager
def adding(url: str) -> Iterator[Connection]:
    """One transaction, and no other like it at the same time. Raises TrailUnavailable."""
    with _in_our_words(), _durable(url) as engine, engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(ONE_AT_A_TIME)
        yield connection


@contextmanager
def looking(url: str) -> Iterator[Connection]:
    """Raises TrailUnavailable."""
    with _in_our_words(), reading(url, PATIENCE) as connection:
        yield connection


@contextmanager
def _durable(url: str) -> Iterator[Engine]:
    """What is committed is on the disk: Redis forgets it then. PostgreSQL does that by itself."""
    with writer(url, patience=PATIENCE) as engine:
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = FULL"))
        yield engine


@contextmanager
def _in_our_words() -> Iterator[None]:
    """A driver's own text may quote a row."""
    try:
        yield
    except SQLAlchemyError as error:
        original = error.orig if isinstance(error, DBAPIError) else None
        said = f"{getattr(original, 'sqlstate', '')} {original}"
        if any(words in said for words in NO_TABLE):
            raise TrailUnavailable("the table is missing: run 'vaxtext audit upgrade'") from None
        if any(words in said for words in OLD_TABLE):
            raise TrailUnavailable("the table is that of an older version: run 'vaxtext audit upgrade'") from None
        if "only added to" in said:
            raise TrailUnavailable("it refuses to change or remove rows that are younger than six years") from None
        raise TrailUnavailable(
            f"the database in AUDIT_URL did not answer ({type(original or error).__name__})"
        ) from None
    except OSError as error:
        raise TrailUnavailable(f"the file in AUDIT_URL cannot be used: {error.strerror}") from None
