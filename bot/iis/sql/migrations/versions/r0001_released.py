"""People, contacts and doses, as the first release made them without Alembic."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
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
    )
    op.create_index("contact_value", "contact", ["value"])
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
