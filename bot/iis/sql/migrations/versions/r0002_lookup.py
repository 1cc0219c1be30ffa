"""One index answers a lookup, also for a clinic's number on 50,000 records; every load leaves a line."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIRTH_DATE = "(SELECT birth_date FROM person WHERE person.id = contact.person_id)"


def upgrade() -> None:
    op.add_column("contact", sa.Column("birth_date", sa.Date))
    op.execute(f"UPDATE contact SET birth_date = {BIRTH_DATE}")  # noqa: S608
    op.execute("DELETE FROM contact WHERE birth_date IS NULL")
    op.drop_index("contact_value", "contact")
    with op.batch_alter_table("contact") as contact:  # SQLite makes the table anew
        contact.alter_column("birth_date", nullable=False)
    op.create_index("contact_lookup", "contact", ["value", "birth_date"])
    op.create_table(
        "load",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
    )
