"""The tables of the registry's copy: made, kept, refused when they are newer or somebody else's."""

from datetime import date

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from bot.iis.demo_people import seed
from bot.iis.sql.engine import writer
from bot.iis.sql.iis import SqlIIS
from bot.iis.sql.schema import upgrade_schema
from bot.iis.sql.tables import metadata
from bot.ports import IISRejected, IISUnavailable
from bot.records import Demographics

ANA = Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The address of a database that is not there yet, or empty."""
    return f"sqlite:///{tmp_path}/iis.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


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


def test_upgrading_again_keeps_what_is_there(url, iis):
    seed(url)
    upgrade_schema(url)

    assert iis.find(ANA)


def test_before_the_upgrade_a_lookup_says_what_to_run(url, iis):
    run(url, "CREATE TABLE other (id TEXT)")

    with pytest.raises(IISUnavailable, match="vaxtext iis upgrade"):
        iis.find(ANA)

    upgrade_schema(url)

    assert iis.find(ANA) is None


def test_people_of_a_copy_without_other_names_live_and_have_one_name(url, iis):
    seed(url)
    run(
        url,
        "ALTER TABLE person DROP COLUMN other_names",
        "ALTER TABLE person DROP COLUMN died",
        "UPDATE alembic_version SET version_num = '0002'",
    )

    upgrade_schema(url)

    record = iis.find(ANA)
    assert (record.other_names, record.died) == ((), False)


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_tables_that_no_release_made_are_refused_and_left_alone(url, table):
    run(url, f"CREATE TABLE {table} (id TEXT)", f"INSERT INTO {table} VALUES ('mine')")

    with pytest.raises(IISRejected, match="tables that no release of vaxtext made: name an empty one"):
        upgrade_schema(url)

    run(url, f"DELETE FROM {table} WHERE id = 'mine'")
    with writer(url) as engine:
        assert inspect(engine).get_table_names() == [table]


def test_tables_of_a_newer_program_are_refused_and_left_alone(url):
    upgrade_schema(url)
    run(url, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(IISRejected, match="made by a newer vaxtext: update this program"):
        upgrade_schema(url)


def test_an_upgrade_that_fails_half_way_changes_nothing(url, iis):
    run(url, "CREATE TABLE other (id TEXT)", "CREATE INDEX contact_lookup ON other (id)")
    with pytest.raises((IISRejected, IISUnavailable)):
        upgrade_schema(url)
    run(url, "DROP TABLE other")

    seed(url)

    assert iis.find(ANA)
