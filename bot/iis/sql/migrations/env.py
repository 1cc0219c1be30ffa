"""Alembic's way in: the revisions run on the connection, and in the transaction, of `schema.py`."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
