"""A person has other names too, and may have died; both come with the next load."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("person", sa.Column("other_names", sa.Text))
    op.add_column("person", sa.Column("died", sa.Boolean, nullable=False, server_default=sa.false()))
