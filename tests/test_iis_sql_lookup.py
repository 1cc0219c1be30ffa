"""How the copy is asked for a person: one statement, one index, and nobody where too many might be meant."""

from datetime import date

import pytest
from sqlalchemy import event, text

from bot.iis.loading.load import BATCH, load_files
from bot.iis.sql.engine import writer
from bot.iis.sql.iis import SqlIIS
from bot.iis.sql.lookup import TOO_MANY
from bot.records import Demographics

HEADER = "person_id,family,given,birth_date,phone,cvx,date\n"


def lines(people):
    return "".join(f"p{n},Reyes,Ana,1985-03-27,36055{n:05},208,2021-04-08\n" for n in people)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    return f"sqlite:///{tmp_path}/iis.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


def test_a_lookup_is_one_statement_so_that_it_sees_a_person_as_she_was_at_one_moment(url, tmp_path):
    (tmp_path / "people.csv").write_text(HEADER + lines([1]))
    load_files(url, [tmp_path / "people.csv"], rejects=tmp_path / "rejects.csv")
    iis, statements = SqlIIS(url), []
    iis.ping()
    event.listen(iis._engine, "before_cursor_execute", lambda *about: statements.append(about[2]))

    record = iis.find(Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605500001"))

    assert len(statements) == 1
    assert (len(record.immunizations), len(record.phones)) == (1, 1)
    iis.close()


def test_a_clinics_number_on_many_records_is_looked_up_by_one_index(url, tmp_path):
    (tmp_path / "people.csv").write_text(HEADER + lines(range(BATCH)))
    load_files(url, [tmp_path / "people.csv"], rejects=tmp_path / "rejects.csv")
    sqlite = url.startswith("sqlite")
    question = "SELECT person_id FROM contact WHERE value = '+13605500001' AND birth_date = '1985-03-27'"

    with writer(url) as engine, engine.connect() as connection:
        explained = connection.execute(text(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{question}")).all()

    assert "contact_lookup" in str(explained)


@pytest.mark.parametrize(("others", "found"), [(TOO_MANY - 2, True), (TOO_MANY - 1, False)], ids=["many", "too many"])
def test_of_very_many_people_with_one_contact_and_birth_date_nobody_is_found(url, tmp_path, others, found):
    line = "{id},{name},1985-03-27,3605550100,,\n"
    people = [line.format(id=f"p{n}", name=f"Okafor,Grace {n}") for n in range(others)]
    (tmp_path / "people.csv").write_text(HEADER + "".join([*people, line.format(id="ana", name="Reyes,Ana")]))
    load_files(url, [tmp_path / "people.csv"], rejects=tmp_path / "rejects.csv")
    iis = SqlIIS(url)

    assert (iis.find(Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")) is not None) == found

    iis.close()
