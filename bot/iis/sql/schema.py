"""Brings the tables of the registry's copy to the form that this program reads."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Index, inspect, text

from bot.iis.sql.engine import PATIENCE, writer
from bot.iis.sql.errors import translated
from bot.iis.sql.tables import metadata
from bot.ports import IISRejected

MIGRATIONS = Path(__file__).parent / "migrations"
FOREIGN = "the database in IIS_URL has tables that no release of vaxtext made: name an empty one"
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(8294, 1)")  # the numbers are only ours


def upgrade_schema(url: str, *, patience: float = PATIENCE) -> None:
    """Make what is missing, and keep what is there. Raises IISUnavailable, or IISRejected for other tables."""
    with writer(url, patience=patience) as engine, translated(), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(ONE_AT_A_TIME)
        _upgrade(connection)


def is_current(connection: Connection) -> bool:
    """Whether the tables are those that this program reads. Raises IISRejected for newer ones."""
    return _found(connection) == _scripts().get_current_head()


def missing_indexes(connection: Connection) -> list[Index]:
    """Those that a lookup needs; without one it reads a whole table each time."""
    there = inspect(connection)
    missing = []
    for table in metadata.sorted_tables:
        found = [index["column_names"] for index in there.get_indexes(table.name)]
        missing += [index for index in table.indexes if index.columns.keys() not in found]
    return missing


def _upgrade(connection: Connection) -> None:
    if _found(connection) is None and any(map(inspect(connection).has_table, metadata.tables)):
        raise IISRejected(FOREIGN)
    command.upgrade(_config(connection), "head")
    for index in missing_indexes(connection):
        index.create(connection)


def _found(connection: Connection) -> str | None:
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision and revision not in {known.revision for known in _scripts().walk_revisions()}:
        raise IISRejected("the registry's tables were made by a newer vaxtext: update this program")
    return revision


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
