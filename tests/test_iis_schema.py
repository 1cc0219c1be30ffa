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


@pytest.fixture
def iis(replica_url):
    iis = SqlIIS(replica_url)
    yield iis
    iis.close()


def run(url, *statements):
    with writer(url) as engine, engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_the_migrations_make_the_tables_that_the_program_reads(replica_url):
    upgrade_schema(replica_url)

    with writer(replica_url) as engine, engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_upgrading_again_keeps_what_is_there(replica_url, iis):
    seed(replica_url)
    upgrade_schema(replica_url)

    assert iis.find(ANA)


def test_before_the_upgrade_a_lookup_says_what_to_run(replica_url, iis):
    run(replica_url, "CREATE TABLE other (id TEXT)")

    with pytest.raises(IISUnavailable, match="vaxtext iis upgrade"):
        iis.find(ANA)

    upgrade_schema(replica_url)

    assert iis.find(ANA) is None


def test_people_of_a_copy_without_other_names_live_and_have_one_name(replica_url, iis):
    seed(replica_url)
    run(
        replica_url,
        "ALTER TABLE person DROP COLUMN other_names",
        "ALTER TABLE person DROP COLUMN died",
        "UPDATE alembic_version SET version_num = '0002'",
    )

    upgrade_schema(replica_url)

    record = iis.find(ANA)
    assert (record.other_names, record.died) == ((), False)


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_tables_that_no_release_made_are_refused_and_left_alone(replica_url, table):
    run(replica_url, f"CREATE TABLE {table} (id TEXT)", f"INSERT INTO {table} VALUES ('mine')")

    with pytest.raises(IISRejected, match="tables that no release of vaxtext made: name an empty one"):
        upgrade_schema(replica_url)

    run(replica_url, f"DELETE FROM {table} WHERE id = 'mine'")
    with writer(replica_url) as engine:
        assert inspect(engine).get_table_names() == [table]


def test_tables_of_a_newer_program_are_refused_and_left_alone(replica_url):
    upgrade_schema(replica_url)
    run(replica_url, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(IISRejected, match="made by a newer vaxtext: update this program"):
        upgrade_schema(replica_url)


def test_an_upgrade_that_fails_half_way_changes_nothing(replica_url, iis):
    run(replica_url, "CREATE TABLE other (id TEXT)", "CREATE INDEX contact_lookup ON other (id)")
    with pytest.raises((IISRejected, IISUnavailable)):
        upgrade_schema(replica_url)
    run(replica_url, "DROP TABLE other")

    seed(replica_url)

    assert iis.find(ANA)
