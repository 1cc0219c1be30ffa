"""Alembic's way in: the revisions run on the connection, and in the transaction, of `schema.py`."""

from alembic import context

from bot.audit.opening import VERSIONS

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True, version_table=VERSIONS)
context.run_migrations()
