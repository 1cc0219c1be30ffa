"""The tables of the registry's copy, the same over SQLite and PostgreSQL. `migrations/` makes them."""

from sqlalchemy import Boolean, Column, Date, DateTime, Index, Integer, MetaData, Table, Text, false

metadata = MetaData()

person = Table(
    "person",
    metadata,
    Column("id", Text, primary_key=True),  # the registry's own, FHIR Patient.id
    Column("family", Text, nullable=False),
    Column("given", Text, nullable=False),  # JSON list: ["José", "Ángel"]
    Column("suffix", Text),
    Column("birth_date", Date, nullable=False),
    Column("other_names", Text),  # JSON list: [["Muñoz", ["José", "Ángel"], null]]; family, given, suffix
    Column("died", Boolean, nullable=False, server_default=false()),
)

contact = Table(
    "contact",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),  # "phone" or "email"
    Column("value", Text, primary_key=True),  # E.164, or lower case
    Column("birth_date", Date, nullable=False),  # her person's: a clinic's number is on 50,000 records
    Index("contact_lookup", "value", "birth_date"),
)

# No foreign key to person: a dose may arrive before its person does, and waits here for her.
immunization = Table(
    "immunization",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),  # FHIR Immunization.id
    Column("cvx", Text, nullable=False),
    Column("date", Date, nullable=False),
    Column("lot", Text),
    Column("place", Text),
    Column("mvx", Text),
)

load = Table(
    "load",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),  # none: still running, or ended before its end
)
