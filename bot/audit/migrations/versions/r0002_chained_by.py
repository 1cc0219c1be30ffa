"""Each row says whose key chains it. Rows that are there already stay as they are, and no new one is like them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """A worker of before this cannot add rows any more: what it has waits in Redis for one that says by which key."""
    op.add_column("audit", sa.Column("chained_by", sa.Text, nullable=False, server_default=""))
    if op.get_context().dialect.name == "postgresql":
        op.alter_column("audit", "chained_by", server_default=None)
    else:
        op.execute(
            """
            CREATE TRIGGER audit_chained BEFORE INSERT ON audit WHEN NEW.chained_by = ''
            BEGIN SELECT RAISE(ABORT, 'a row of the audit trail says which key chains it'); END
            """
        )
