"""A load into a PostgreSQL that hangs, dies, is locked or refuses ends in words, and the next one goes through."""

import os
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from fakes.until import until
from psycopg.pq import TransactionStatus
from sqlalchemy import text

from bot.cli import cli
from bot.iis.loading.load import BATCH
from bot.iis.sql.counts import count
from bot.iis.sql.engine import writer
from bot.iis.sql.errors import translated
from bot.iis.sql.schema import upgrade_schema
from bot.ports import IISUnavailable

ROOT = Path(__file__).parents[1]
HEADER = "person_id,family,given,birth_date,phone,cvx,date\n"
SILENT = "no answer in time: does PostgreSQL hang?"
PATIENCE = 1.0  # seconds


def lines(people):
    return "".join(f"p{n},Reyes,Ana,1985-03-27,36055{n:05},208,2021-04-08\n" for n in people)


@pytest.fixture(autouse=True)
def _settings(monkeypatch, nobodys_settings, postgres_url):
    monkeypatch.setenv("FLOW", str(ROOT / "flows/vaccine_record"))
    monkeypatch.setenv("IIS_URL", postgres_url)


def load(file):
    """`vaxtext iis load`: what it said at last, and its status."""
    done = CliRunner().invoke(cli, ["iis", "load", str(file), "--patience", str(PATIENCE)])
    return done.stderr, done.exit_code


@pytest.fixture
def file(tmp_path):
    (tmp_path / "people.csv").write_text(HEADER + lines(range(10)))
    return tmp_path / "people.csv"


@contextmanager
def half_way(url, pipe_path):
    """A load in another process that has saved something and waits for more, and a way to give it more."""

    def feed(first):
        with suppress(BrokenPipeError):
            pipe.write(lines(range(first, first + BATCH)).encode())

    os.mkfifo(pipe_path)
    command = [sys.executable, "-m", "bot.cli", "iis", "load", str(pipe_path), "--patience", str(PATIENCE)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    loader = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    with pipe_path.open("wb", buffering=0) as pipe:
        pipe.write(HEADER.encode())
        feed(0)
        until(lambda: count(url).people, seconds=30)
        yield loader, feed


@contextmanager
def frozen(postgres):
    with postgres.frozen():
        yield SILENT


@contextmanager
def killed(postgres):
    postgres.kill()
    yield "PostgreSQL was stopped, or restarted"
    postgres.start_again()


@pytest.mark.parametrize("away", [frozen, killed], ids=["frozen", "killed"])
def test_a_server_that_goes_away_in_mid_load_is_named_and_nothing_is_lost(postgres, postgres_url, tmp_path, away):
    upgrade_schema(postgres_url)
    with half_way(postgres_url, tmp_path / "pipe") as (loader, feed):
        saved = count(postgres_url).people
        with away(postgres) as trouble:
            feed(BATCH)
            _, said = loader.communicate(timeout=60)

    assert loader.returncode == 1
    assert f"Error: The load ended early: {trouble}" in said
    assert "Traceback" not in said
    assert "load the same files again; what was read already is kept." in said
    assert count(postgres_url).people >= saved
    (tmp_path / "people.csv").write_text(HEADER + lines(range(2 * BATCH)))
    assert load("people.csv")[1] == 0
    assert count(postgres_url).people == 2 * BATCH


def test_a_server_that_hangs_for_a_moment_costs_no_load(postgres, postgres_url):
    with (
        writer(postgres_url, patience=5) as engine,
        engine.connect() as connection,
        ThreadPoolExecutor(1) as threads,
    ):
        info = connection.connection.driver_connection.info
        with postgres.frozen():
            answer = threads.submit(connection.execute, text("SELECT 7"))
            until(lambda: info.transaction_status == TransactionStatus.ACTIVE)

        assert answer.result().scalar_one() == 7


def test_a_statement_may_take_longer_than_we_have_patience_while_the_server_lives(postgres_url):
    with writer(postgres_url, patience=0.2) as engine, engine.connect() as connection:
        assert connection.execute(text("SELECT 7 FROM pg_sleep(1)")).scalar_one() == 7


def test_a_server_that_freezes_while_we_send_is_given_up(postgres, postgres_url):
    with writer(postgres_url, patience=0.2) as engine, engine.connect() as connection:
        late = connection.connection.driver_connection
        with postgres.frozen(), pytest.raises(IISUnavailable, match="no answer in time"), translated():
            connection.execute(text("SELECT length(:long)"), {"long": "x" * 20_000_000})

        assert late.closed


def test_tables_that_somebody_keeps_locked_are_named(postgres_url, file):
    upgrade_schema(postgres_url)

    with psycopg.connect(postgres_url) as other:
        other.execute("LOCK TABLE person")
        said, status = load(file)

    assert status == 1
    assert "somebody else keeps a lock on the registry's tables" in said
    assert load(file)[1] == 0


@pytest.fixture
def reader_url(postgres, postgres_url):
    """Of a user who may only read."""
    name = f"reader_{secrets.token_hex(4)}"
    postgres.ask(f"CREATE ROLE {name} LOGIN PASSWORD 'secret'")
    upgrade_schema(postgres_url)
    run(postgres_url, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}")
    yield postgres.url(postgres_url.rsplit("/", 1)[1], user=name, password="secret")
    run(postgres_url, f"DROP OWNED BY {name}")
    postgres.ask(f"DROP ROLE {name}")


def run(url, *statements):
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_user_who_may_not_write_is_told_who_may(monkeypatch, reader_url, file):
    monkeypatch.setenv("IIS_URL", reader_url)

    said, status = load(file)

    assert status == 1
    assert "the database lets this user not do that: grant it the right, or name the tables' owner in IIS_URL" in said


def test_a_server_that_is_only_read_is_named(postgres_url, file):
    database = postgres_url.rsplit("/", 1)[1]
    run(postgres_url, f"ALTER DATABASE {database} SET default_transaction_read_only = on")

    said, status = load(file)

    assert status == 1
    assert "may only read: IIS_URL must name the one that is written to" in said


NO_ROOM = """
CREATE FUNCTION no_room() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$
LANGUAGE plpgsql
"""


def test_a_full_disk_of_the_server_is_named_and_with_room_the_same_load_goes_through(postgres_url, file):
    upgrade_schema(postgres_url)
    run(postgres_url, NO_ROOM, "CREATE TRIGGER no_room BEFORE INSERT ON person EXECUTE FUNCTION no_room()")

    said, status = load(file)

    assert status == 1
    assert "the disk of the registry's database is full: make room on it." in said
    run(postgres_url, "DROP TRIGGER no_room ON person")
    assert load(file)[1] == 0
    assert count(postgres_url).people == 10
