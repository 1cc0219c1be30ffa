"""How much the registry's copy holds, and how many of its doses are told of twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection, and_, func, select

from bot.iis.doses import merged
from bot.iis.sql.engine import writer
from bot.iis.sql.errors import translated
from bot.iis.sql.tables import immunization, person
from bot.records import Immunization

AT_A_TIME = 2000


@dataclass(frozen=True, slots=True)
class Counts:
    people: int
    doses: int
    doubles: int  # of the doses: further reports of a shot, which nobody sees


def count(url: str) -> Counts:
    """Count all, which reads every dose: a minute among a million people on a busy machine.

    Raises IISUnavailable or IISRejected.
    """
    with writer(url) as engine, translated(), engine.connect() as connection:
        people, doses = (
            connection.execute(select(func.count()).select_from(table)).scalar_one() for table in (person, immunization)
        )
        return Counts(people, doses, sum(_doubles(connection)))


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
