"""The tables of the registry's copy: made, brought from an older form, refused when newer."""

from datetime import date

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from bot.iis.loading.load import load_files
from bot.iis.sql.engine import writer
from bot.iis.sql.iis import SqlIIS
from bot.iis.sql.schema import upgrade_schema
from bot.iis.sql.tables import metadata
from bot.ports import IISRejected, IISUnavailable
from bot.records import Demographics

ANA = Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")
FIRST_RELEASE = """
CREATE TABLE person (id TEXT NOT NULL, family TEXT NOT NULL, given TEXT NOT NULL, suffix TEXT, birth_date DATE NOT NULL,
    PRIMARY KEY (id));
CREATE TABLE contact (person_id TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (person_id, kind, value));
CREATE INDEX contact_value ON contact (value);
CREATE TABLE immunization (person_id TEXT NOT NULL, id TEXT NOT NULL, cvx TEXT NOT NULL, date DATE NOT NULL, lot TEXT,
    place TEXT, mvx TEXT, PRIMARY KEY (person_id, id));
INSERT INTO person VALUES ('p1', 'Reyes', '["Ana"]', NULL, '1985-03-27');
INSERT INTO contact VALUES ('p1', 'phone', '+13605550100'), ('nobody', 'phone', '+13605550199');
INSERT INTO immunization VALUES ('p1', 'd1', '208', '2021-04-08', 'EW0162', NULL, 'PFR')
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The address of a database that is not there yet, or empty."""
    return f"sqlite:///{tmp_path}/iis.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def released(url):
    """A copy that the first release made and filled, without Alembic."""
    run(url, *FIRST_RELEASE.split(";"))
    return url


@pytest.fixture
def iis(url):
    iis = SqlIIS(url)
    yield iis
    iis.close()


def run(url, *statements):
    with writer(url) as engine, engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_the_migrations_make_the_tables_that_the_program_reads(url):
    upgrade_schema(url)

    with writer(url) as engine, engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_copy_of_the_first_release_is_taken_over_without_loss(released, iis):
    upgrade_schema(released)

    record = iis.find(ANA)
    assert [dose.lot for dose in record.immunizations] == ["EW0162"]
    with writer(released) as engine, engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_load_takes_it_over_too(released, iis, tmp_path):
    (tmp_path / "empty.ndjson").touch()

    load_files(released, [tmp_path / "empty.ndjson"], rejects=tmp_path / "rejects.csv")

    assert iis.find(ANA)


def test_upgrading_again_keeps_what_is_there(released, iis):
    upgrade_schema(released)
    upgrade_schema(released)

    assert iis.find(ANA)


def test_people_of_a_copy_without_other_names_live_and_have_one_name(released, iis):
    upgrade_schema(released)

    record = iis.find(ANA)
    assert (record.other_names, record.died) == ((), False)


def test_before_the_upgrade_a_lookup_says_what_to_run(released, iis):
    with pytest.raises(IISUnavailable, match="vaxtext iis upgrade"):
        iis.find(ANA)


def test_tables_of_a_newer_program_are_refused_and_left_alone(url):
    upgrade_schema(url)
    run(url, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(IISRejected, match="made by a newer vaxtext: update this program"):
        upgrade_schema(url)


def test_an_upgrade_that_fails_half_way_changes_nothing(released, iis):
    run(released, "CREATE TABLE load (id TEXT)")
    with pytest.raises((IISRejected, IISUnavailable)):
        upgrade_schema(released)
    run(released, "DROP TABLE load")

    upgrade_schema(released)

    assert iis.find(ANA)
