"""Brings the audit trail's table to the form that this program writes and reads."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from bot.audit.opening import adding

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade_trail(url: str) -> None:
    """Make what is missing, and keep what is there. Raises TrailUnavailable."""
    with adding(url) as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        command.upgrade(config, "head")
