"""How the copy is asked for a person: one statement, one index, and nobody where too many might be meant."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from bot.iis.loading.load import BATCH, load_files
from bot.iis.sql.engine import writer
from bot.iis.sql.iis import SqlIIS
from bot.iis.sql.lookup import TOO_MANY
from bot.records import Demographics

HEADER = "person_id,family,given,birth_date,phone,cvx,date\n"


ANA = Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")


def of_a_clinic(people):
    """Each with the clinic's phone and a dose, born on days of her own."""
    born = [date(1985, 3, 27) + timedelta(n) for n in people]
    return "".join(f"p{n},Reyes,Ana,{born[n]},3605550100,208,2021-04-08\n" for n in people)


def asked(iis):
    """The statement of a lookup for Ana, with its parameters, as the database got it."""
    statements = []
    iis.ping()
    event.listen(iis._engine, "before_cursor_execute", lambda *about: statements.append(about[2:4]))
    assert iis.find(ANA)
    (statement,) = statements
    return statement


def test_a_lookup_is_one_statement_so_that_it_sees_a_person_as_she_was_at_one_moment(replica_url, tmp_path):
    (tmp_path / "people.csv").write_text(HEADER + of_a_clinic(range(1)))
    load_files(replica_url, [tmp_path / "people.csv"], rejects=tmp_path / "rejects.csv")
    iis = SqlIIS(replica_url)

    assert asked(iis)
    record = iis.find(ANA)
    assert (len(record.immunizations), len(record.phones)) == (1, 1)
    iis.close()


def test_a_clinics_number_on_many_records_is_looked_up_by_one_index_and_no_table_is_read_whole(replica_url, tmp_path):
    (tmp_path / "people.csv").write_text(HEADER + of_a_clinic(range(BATCH)))
    load_files(replica_url, [tmp_path / "people.csv"], rejects=tmp_path / "rejects.csv")
    explain, iis = "EXPLAIN QUERY PLAN" if replica_url.startswith("sqlite") else "EXPLAIN", SqlIIS(replica_url)
    statement, parameters = asked(iis)

    with writer(replica_url) as engine, engine.connect() as connection:
        explained = str(connection.exec_driver_sql(f"{explain} {statement}", parameters).all())

    assert explained.count("contact_lookup") == 1
    assert not re.search("Seq Scan|SCAN (person|contact|immunization)", explained), explained
    iis.close()


@pytest.mark.parametrize(("others", "found"), [(TOO_MANY - 2, True), (TOO_MANY - 1, False)], ids=["many", "too many"])
def test_of_very_many_people_with_one_contact_and_birth_date_nobody_is_found(replica_url, tmp_path, others, found):
    line = "{id},{name},1985-03-27,3605550100,,\n"
    people = [line.format(id=f"p{n}", name=f"Okafor,Grace {n}") for n in range(others)]
    (tmp_path / "people.csv").write_text(HEADER + "".join([*people, line.format(id="ana", name="Reyes,Ana")]))
    load_files(replica_url, [tmp_path / "people.csv"], rejects=tmp_path / "rejects.csv")
    iis = SqlIIS(replica_url)

    assert (iis.find(Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")) is not None) == found

    iis.close()
