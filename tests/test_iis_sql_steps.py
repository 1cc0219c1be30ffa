"""What an operator hears when the registry's copy cannot be read."""

import pytest
from sqlalchemy import text

from bot.iis.demo_people import demo_people, seed
from bot.iis.loading.load import load_files
from bot.iis.sql.engine import writer
from bot.iis.sql.iis import SqlIIS
from bot.iis.sql.schema import upgrade_schema
from bot.ports import IISRejected, IISUnavailable

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


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    return f"sqlite:///{tmp_path}/iis.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


def test_a_registry_with_people_passes_every_step(url):
    seed(url)

    people = demo_people()
    doses = sum(len(person.record.immunizations) for person in people)

    said = try_steps(url)

    assert [name for name, _ in said] == NAMES
    assert [told for _, told in said[-2:]] == [
        f"{len(people)} people, {doses} doses; never loaded from a file.",
        "2 of the doses have a date that cannot be right, in the future or before birth. "
        "docs/registry.md says how to list them.",
    ]


def test_a_step_says_when_the_registry_was_loaded(url, tmp_path):
    seed(url)
    (tmp_path / "empty.ndjson").touch()
    load_files(url, [tmp_path / "empty.ndjson"], rejects=tmp_path / "rejects.csv")

    assert "; loaded last on 20" in dict(try_steps(url))["people"]


def test_tables_without_people_say_how_to_fill_them(url):
    upgrade_schema(url)

    assert try_steps(url)[-1] == ("people", "the registry's tables are empty: fill them with 'vaxtext iis load'")


def test_a_missing_index_is_named_and_the_upgrade_makes_it(url):
    seed(url)
    with writer(url) as engine, engine.begin() as connection:
        connection.execute(text("DROP INDEX contact_lookup"))

    step, said = try_steps(url)[-1]
    upgrade_schema(url)

    assert step == "schema"
    assert said.startswith("the index contact_lookup is missing, so each lookup reads a whole table: run ")
    assert try_steps(url)[-1][0] == NAMES[-1]


def test_an_index_of_another_name_will_do(url):
    seed(url)
    with writer(url) as engine, engine.begin() as connection:
        connection.execute(text("DROP INDEX contact_lookup"))
        connection.execute(text("CREATE INDEX mine ON contact (value, birth_date)"))

    assert try_steps(url)[-1][0] == NAMES[-1]


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


def test_a_user_without_the_right_to_read_is_told_to_get_it(postgres, postgres_url):
    seed(postgres_url)
    postgres.ask("CREATE ROLE reader LOGIN PASSWORD 'secret'")

    step, said = try_steps(postgres.url(postgres_url.rsplit("/", 1)[1], user="reader", password="secret"))[-1]

    postgres.ask("DROP ROLE reader")
    assert step == "authenticate"
    assert "grant it the right" in said
