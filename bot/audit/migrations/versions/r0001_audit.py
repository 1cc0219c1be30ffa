"""The table, and triggers that refuse to change a row, or to remove one before its six years are over."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

POSTGRESQL = (
    """
    CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' AND OLD.at::timestamptz < now() - interval '6 years' THEN RETURN OLD; END IF;
      RAISE EXCEPTION 'the audit trail is only added to';
    END $$
    """,
    "CREATE TRIGGER audit_rows BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_all BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
)
# REPLACE removes rows without a trigger for that: so none is put in where one was.
SQLITE = (
    """
    CREATE TRIGGER audit_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END
    """,
    """
    CREATE TRIGGER audit_delete BEFORE DELETE ON audit WHEN julianday(OLD.at) >= julianday('now', '-6 years')
    BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END
    """,
    """
    CREATE TRIGGER audit_replace BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq OR id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END
    """,
)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("at", "event", "request", "sender", "contact", "reference", "facts", "key_id", "chain")
        ),
    )
    for name in ("request", "sender", "contact", "reference"):
        op.create_index(f"audit_{name}", "audit", [name])
    for statement in POSTGRESQL if op.get_context().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
