"""The copy in PostgreSQL hangs, dies or never answers: every question ends in time, and all works again after it."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date

import pytest
from fakes.until import until
from sqlalchemy import text

from bot.iis.demo_people import seed
from bot.iis.sql.iis import SqlIIS
from bot.iis.sql.postgres import POOL_SIZE
from bot.ports import IISUnavailable
from bot.records import Demographics

ANA = Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")
TIMEOUT = 1.0  # seconds
ASKS = pytest.mark.parametrize("ask", [SqlIIS.ping, lambda iis: iis.find(ANA)], ids=["ping", "find"])


@pytest.fixture
def iis(postgres_url):
    seed(postgres_url)
    iis = SqlIIS(postgres_url, timeout=TIMEOUT)
    yield iis
    iis.close()


@contextmanager
def in_time():
    """The question ends, in words, not long after its time."""
    began = time.monotonic()
    with pytest.raises(IISUnavailable):
        yield
    assert time.monotonic() - began < TIMEOUT + 0.5


def fill_pool(iis):
    """Open all connections that the pool may have."""
    opened = [iis._engine.connect() for _ in range(POOL_SIZE)]
    for connection in opened:
        connection.close()


@ASKS
@pytest.mark.parametrize("connected", [True, False], ids=["connected before", "not connected"])
def test_a_frozen_server_is_unavailable_in_time_and_answers_when_it_is_thawed(postgres, iis, ask, connected):
    if connected:
        ask(iis)

    with postgres.frozen():
        for _ in range(2):
            with in_time():
                ask(iis)

    ask(iis)


def test_lookups_that_hang_in_every_connection_leave_the_pool_whole(postgres, iis):
    fill_pool(iis)

    def ask(_):
        with in_time():
            iis.find(ANA)

    with ThreadPoolExecutor(2 * POOL_SIZE) as threads, postgres.frozen():
        list(threads.map(ask, range(2 * POOL_SIZE)))

    assert iis._engine.pool.checkedout() == 0
    with ThreadPoolExecutor(2 * POOL_SIZE) as threads:
        assert all(threads.map(lambda _: iis.find(ANA), range(4 * POOL_SIZE)))


def test_a_connection_whose_answer_is_late_is_never_used_again(postgres, iis):
    with iis._engine.connect() as connection:
        late = connection.connection.driver_connection
        with postgres.frozen(), pytest.raises(Exception, match="wait timeout expired"):
            connection.execute(text("SELECT 1"))

    assert late.closed
    with iis._engine.connect() as connection:
        assert connection.connection.driver_connection is not late


def test_a_server_that_was_killed_is_unavailable_and_answers_when_it_is_started_again(postgres, iis):
    fill_pool(iis)

    postgres.kill()
    with in_time():
        iis.find(ANA)
    postgres.start_again()

    assert iis.find(ANA)


def test_a_server_that_was_started_anew_costs_nobody_her_answer(postgres, iis):
    fill_pool(iis)

    postgres.kill()
    postgres.start_again()

    assert all(iis.find(ANA) for _ in range(2 * POOL_SIZE))


@ASKS
def test_a_listener_that_never_answers_is_unavailable_in_time(ask):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        iis = SqlIIS(f"postgresql://nobody@127.0.0.1:{listener.getsockname()[1]}/iis", timeout=TIMEOUT)

        for _ in range(2):
            with in_time():
                ask(iis)

    iis.close()


def test_a_connection_that_opens_too_late_is_closed(postgres, iis):
    def connections():
        with iis._engine.connect() as connection:
            others = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return connection.execute(text(others)).scalar_one()

    with postgres.frozen(), in_time():
        iis.find(ANA)

    until(lambda: connections() == 0)
