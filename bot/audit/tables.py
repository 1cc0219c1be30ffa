"""The audit trail's one table, the same over SQLite and PostgreSQL. `migrations/` makes it, and what protects it."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

metadata = MetaData()

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("at", Text, nullable=False),  # ISO 8601, UTC: the chain is over the very letters
    Column("event", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("facts", Text, nullable=False),  # JSON object of texts
    Column("key_id", Text, nullable=False),
    Column("chain", Text, nullable=False),  # HMAC over the chain of the row before and all of this one
    Column("chained_by", Text, nullable=False),  # whose HMAC; "" in rows of before revision 0002
    Index("audit_request", "request"),
    Index("audit_sender", "sender"),
    Index("audit_contact", "contact"),
    Index("audit_reference", "reference"),
)
