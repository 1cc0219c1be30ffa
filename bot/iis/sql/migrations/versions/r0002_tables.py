"""People, their contacts and doses, and a line for each load. The first: what came before was never released."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("family", sa.Text, nullable=False),
        sa.Column("given", sa.Text, nullable=False),
        sa.Column("suffix", sa.Text),
        sa.Column("birth_date", sa.Date, nullable=False),
    )
    op.create_table(
        "contact",
        sa.Column("person_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
        sa.Column("birth_date", sa.Date, nullable=False),
    )
    op.create_index("contact_lookup", "contact", ["value", "birth_date"])
    op.create_table(
        "immunization",
        sa.Column("person_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("cvx", sa.Text, nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("lot", sa.Text),
        sa.Column("place", sa.Text),
        sa.Column("mvx", sa.Text),
    )
    op.create_table(
        "load",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
    )
