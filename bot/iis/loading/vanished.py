"""After a full load: whoever the registry no longer names leaves the copy too."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    MetaData,
    Table,
    Text,
    and_,
    delete,
    func,
    select,
    text,
)

from bot.iis.dose import Dose
from bot.iis.sql.replica import insert_new
from bot.iis.sql.tables import contact, immunization, person
from bot.records import VaccineRecord

ONE_IN = 100  # a registry loses far fewer in a night; a file that was cut off loses more
ALWAYS = 10  # that many may go from a registry of any size

# Temporary: they end with the connection, so a load that is killed leaves nothing that could delete anybody.
temporary = MetaData()
seen_person = Table("seen_person", temporary, Column("id", Text, primary_key=True), prefixes=["TEMPORARY"])
seen_dose = Table(
    "seen_dose",
    temporary,
    Column("person_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    prefixes=["TEMPORARY"],
)

rejected_person = Table("rejected_person", temporary, Column("id", Text, primary_key=True), prefixes=["TEMPORARY"])

UNSEEN_PERSON = ~select(seen_person.c.id).where(seen_person.c.id == person.c.id).exists()
UNSEEN_HOLDER = ~select(seen_person.c.id).where(seen_person.c.id == contact.c.person_id).exists()
UNSEEN_DOSE = (
    ~select(seen_dose.c.id)
    .where(and_(seen_dose.c.person_id == immunization.c.person_id, seen_dose.c.id == immunization.c.id))
    .exists()
)
UNREJECTED = ~select(rejected_person.c.id).where(rejected_person.c.id == immunization.c.person_id).exists()


class TooManyVanish(Exception):
    """So many people or doses would go that the files are rather cut off. Nobody was removed."""


@dataclass(frozen=True, slots=True)
class Vanished:
    people: int
    doses: int


def begin(connection: Connection) -> None:
    temporary.create_all(connection, checkfirst=False)


def note(connection: Connection, people: Iterable[VaccineRecord], doses: Iterable[Dose], rejected: set[str]) -> None:
    """These are still in the registry. Of people of whom something was `rejected` nothing is removed."""
    insert_new(connection, seen_person, [{"id": id} for id in {record.patient_id for record in people} | rejected])
    insert_new(connection, rejected_person, [{"id": id} for id in rejected])
    keys = {(dose.person_id, dose.id) for dose in doses if dose.given}
    insert_new(connection, seen_dose, [{"person_id": owner, "id": dose} for owner, dose in keys])


def remove_others(connection: Connection) -> Vanished:
    """Delete all that was not noted. Raises TooManyVanish."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("ANALYZE seen_person, seen_dose, rejected_person")
        )  # nothing else counts temporary tables
    gone = Vanished(
        _would_go(connection, person, UNSEEN_PERSON), _would_go(connection, immunization, UNSEEN_DOSE, UNREJECTED)
    )
    connection.execute(delete(contact).where(UNSEEN_HOLDER))
    connection.execute(delete(person).where(UNSEEN_PERSON))
    connection.execute(delete(immunization).where(UNSEEN_DOSE, UNREJECTED))
    return gone


def _would_go(connection: Connection, table: FromClause, *unseen: ColumnElement[bool]) -> int:
    all_of_them, gone = (
        connection.execute(select(func.count()).select_from(table).where(*condition)).scalar_one()
        for condition in ((), unseen)
    )
    if gone > max(ALWAYS, all_of_them // ONE_IN):
        kind = "people" if table is person else "doses"
        raise TooManyVanish(f"{gone:,} of {all_of_them:,} {kind} are not in these files")
    return int(gone)
