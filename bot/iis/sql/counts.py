"""How much the registry's copy holds, how many of its doses are told of twice, and how many have a wrong date."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection, and_, func, or_, select

from bot.iis.doses import merged
from bot.iis.sql.engine import PATIENCE, writer
from bot.iis.sql.errors import translated
from bot.iis.sql.tables import immunization, person
from bot.records import Immunization

AT_A_TIME = 2000


@dataclass(frozen=True, slots=True)
class Counts:
    people: int
    doses: int
    doubles: int  # of the doses: further reports of a shot, which nobody sees
    wrong_dates: int  # of the doses: in the future, or before birth


def count(url: str, *, patience: float = PATIENCE) -> Counts:
    """Count all, which reads every dose: a minute among a million people on a busy machine.

    Raises IISUnavailable or IISRejected.
    """
    with writer(url, patience=patience) as engine, translated(), engine.connect() as connection:
        people, doses = (
            connection.execute(select(func.count()).select_from(table)).scalar_one() for table in (person, immunization)
        )
        return Counts(people, doses, sum(_doubles(connection)), wrong_dates(connection))


def wrong_dates(connection: Connection) -> int:
    """How many doses lie more than a day ahead, or before their person was born: some seconds among a million people.

    A day, for it is tomorrow already in the east. A dose whose person is not there yet has no birth date.
    """
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    with_birth = immunization.outerjoin(person, person.c.id == immunization.c.person_id)
    wrong = or_(immunization.c.date > tomorrow, immunization.c.date < person.c.birth_date)
    return int(connection.execute(select(func.count()).select_from(with_birth).where(wrong)).scalar_one())


def told_wrong_dates(number: int) -> str:
    """Nothing if there are none."""
    told = "of the doses have a date that cannot be right, in the future or before birth"
    return f"{number:,} {told}. docs/registry.md says how to list them." if number else ""


def _doubles(connection: Connection) -> Iterator[int]:
    """For each person with two reports of one vaccine on one day."""
    key = (immunization.c.person_id, immunization.c.date, immunization.c.cvx)
    several = select(*key).group_by(*key).having(func.count() > 1).subquery()
    same = and_(*(column == several.c[column.name] for column in key))
    reports = select(immunization).join(several, same).order_by(immunization.c.person_id)
    rows = connection.execution_options(yield_per=AT_A_TIME).execute(reports)
    for _, of_one in groupby(rows, attrgetter("person_id")):
        shots = [Immunization(row.cvx, row.date, row.lot, row.place, row.mvx) for row in of_one]
        yield len(shots) - len(merged(shots))
