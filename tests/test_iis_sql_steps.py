"""What an operator hears when the registry's copy cannot be read."""

from datetime import date, timedelta

import pytest
from fakes.certificate import Authority
from sqlalchemy import text

from bot.iis.demo_people import demo_people, seed
from bot.iis.loading.load import load_files
from bot.iis.sql.engine import writer
from bot.iis.sql.iis import SqlIIS
from bot.iis.sql.schema import upgrade_schema
from bot.ports import IISRefusesUs, IISRejected, IISUnavailable
from bot.records import Demographics

ANA = Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")
NAMES = ["connect", "authenticate", "schema", "people", "dates"]


def try_steps(url):
    """What each step answers, to the first that fails."""
    iis, said = SqlIIS(url, timeout=2), []
    try:
        for step in iis.steps():
            said.append((step.name, step.run()))
    except (IISUnavailable, IISRejected) as error:
        said.append((step.name, str(error)))
    iis.close()
    return said


def test_a_registry_with_people_passes_every_step(replica_url):
    seed(replica_url)

    people = demo_people()
    doses = sum(len(person.record.immunizations) for person in people)

    said = try_steps(replica_url)

    assert [name for name, _ in said] == NAMES
    assert [told for _, told in said[-2:]] == [
        f"{len(people)} people, {doses} doses; never loaded from a file.",
        "2 of the doses have a date that cannot be right, in the future or before birth. "
        "docs/registry.md says how to list them.",
    ]


def test_a_step_says_when_the_registry_was_loaded(replica_url, tmp_path):
    seed(replica_url)
    (tmp_path / "empty.ndjson").touch()
    load_files(replica_url, [tmp_path / "empty.ndjson"], rejects=tmp_path / "rejects.csv")

    assert "; loaded last on 20" in dict(try_steps(replica_url))["people"]


def test_tables_without_people_say_how_to_fill_them(replica_url):
    upgrade_schema(replica_url)

    assert try_steps(replica_url)[-1] == (
        "people",
        "the registry's tables are empty: fill them with 'vaxtext iis load'",
    )


def test_a_missing_index_is_named_and_the_upgrade_makes_it(replica_url):
    seed(replica_url)
    with writer(replica_url) as engine, engine.begin() as connection:
        connection.execute(text("DROP INDEX contact_lookup"))

    step, said = try_steps(replica_url)[-1]
    upgrade_schema(replica_url)

    assert step == "schema"
    assert said.startswith("the index contact_lookup is missing, so each lookup reads a whole table: run ")
    assert try_steps(replica_url)[-1][0] == NAMES[-1]


def test_an_index_of_another_name_will_do(replica_url):
    seed(replica_url)
    with writer(replica_url) as engine, engine.begin() as connection:
        connection.execute(text("DROP INDEX contact_lookup"))
        connection.execute(text("CREATE INDEX mine ON contact (value, birth_date)"))

    assert try_steps(replica_url)[-1][0] == NAMES[-1]


def test_a_missing_file_fails_to_connect(tmp_path):
    ((step, said),) = try_steps(f"sqlite:///{tmp_path}/iis.db")

    assert (step, "no such file" in said) == ("connect", True)


def test_a_file_that_is_no_database_fails_to_connect(tmp_path):
    (tmp_path / "iis.db").write_text("Dear registry, " * 100)

    assert try_steps(f"sqlite:///{tmp_path}/iis.db") == [("connect", "the file in IIS_URL is no SQLite database")]


def test_missing_tables_say_what_to_run(postgres_url):
    step, said = try_steps(postgres_url)[-1]

    assert step == "authenticate"
    assert "vaxtext iis upgrade" in said


@pytest.mark.parametrize(
    ("change", "step", "words"),
    [
        ({"password": "hush"}, "authenticate", "user or the password"),
        ({"user": "hush"}, "authenticate", "user or the password"),
        ({"database": "hush"}, "authenticate", "no such database"),
        ({"port": 1}, "connect", "nothing listens there"),
        ({"host": "hush.invalid"}, "connect", "no host of that name"),
        ({"host": "/hush"}, "connect", "no PostgreSQL behind that socket"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_wrong_part_of_the_address_is_named_and_not_shown(postgres, change, step, words):
    parts = {"user": "vaxtext", "password": postgres.password, "host": "127.0.0.1", "port": postgres.port}
    parts |= {"database": "postgres"} | change

    tried, said = try_steps("postgresql://{user}:{password}@/{database}?host={host}&port={port}".format(**parts))[-1]

    assert tried == step
    assert words in said
    assert "hush" not in said


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.mark.parametrize("mode", ["require", "verify-full"])
def test_a_postgresql_without_tls_is_called_so(postgres, mode):
    assert try_steps(f"{postgres.url('postgres')}?sslmode={mode}") == [
        ("connect", "this PostgreSQL has no TLS: turn it on there (ssl = on)")
    ]


def test_a_certificate_that_is_good_for_the_host_is_passed_by(postgres, postgres_url, authority):
    seed(postgres_url)

    with postgres.tls(*authority.issue()):
        said = try_steps(f"{postgres_url}?sslmode=verify-full&sslrootcert={authority.file}")

    assert [name for name, _ in said] == NAMES


@pytest.mark.parametrize(
    ("issued", "options", "words"),
    [
        ({}, "sslmode=verify-full&sslrootcert={other}", "not of the authority in sslrootcert"),
        ({"ends": timedelta(days=-1)}, "sslmode=verify-full&sslrootcert={ours}", "certificate is not valid"),
        ({"host": "127.0.0.2"}, "sslmode=verify-full&sslrootcert={ours}", "certificate is not for this name"),
        ({}, "sslmode=verify-full&sslrootcert=/hush/ca.pem", "name its file as &sslrootcert="),
        ({}, "sslmode=verify-full&sslrootcert={junk}", "no certificate (PEM) of an authority"),
        ({}, "sslmode=require&sslrootcert=system", "sslrootcert=system in IIS_URL goes with sslmode=verify-full"),
        ({}, "sslmode=require&sslcert={junk}&sslkey={junk}", "the file in sslcert in IIS_URL holds no certificate"),
        ({}, "sslmode=require&sslcert={ours}&sslkey=/hush/key.pem", "the file in sslkey in IIS_URL is not the key"),
    ],
    ids=["another authority", "expired", "another host", "no file", "no PEM", "weak", "no certificate", "no key"],
)
def test_what_is_wrong_with_tls_is_said_in_words(postgres, authority, tmp_path, issued, options, words):
    (tmp_path / "hush.pem").write_text("no certificate")
    files = {"ours": authority.file, "other": Authority(tmp_path, "other").file, "junk": tmp_path / "hush.pem"}

    with postgres.tls(*authority.issue(**issued)):
        ((step, said),) = try_steps(f"{postgres.url('postgres')}?{options.format(**files)}")

    assert step == "connect"
    assert words in said
    assert "hush" not in said


def test_every_refusal_of_our_user_is_one_of_us(postgres, postgres_url):
    seed(postgres_url)
    postgres.ask("CREATE ROLE reader LOGIN PASSWORD 'secret'")
    database = postgres_url.rsplit("/", 1)[1]

    for url in (postgres.url(database, password="hush"), postgres.url(database, user="reader", password="secret")):
        iis = SqlIIS(url, timeout=2)
        with pytest.raises(IISRefusesUs):
            iis.find(ANA)
        iis.close()

    postgres.ask("DROP ROLE reader")


def test_a_user_without_the_right_to_read_is_told_to_get_it(postgres, postgres_url):
    seed(postgres_url)
    postgres.ask("CREATE ROLE reader LOGIN PASSWORD 'secret'")

    step, said = try_steps(postgres.url(postgres_url.rsplit("/", 1)[1], user="reader", password="secret"))[-1]

    postgres.ask("DROP ROLE reader")
    assert step == "authenticate"
    assert "grant it the right" in said
