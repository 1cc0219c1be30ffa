"""A registry that does not let us in is tried so seldom that no account is locked, and every request is kept."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
import redis
from conftest import Clock
from fakes.soap_iis import SoapIis
from structlog.testing import capture_logs

from bot.config import read_settings
from bot.iis.breaker import LeftInPeace, Limit
from bot.iis.demo_people import demo_people
from bot.iis.entry import Entry, OwnRefusals
from bot.iis.opening import open_dialect
from bot.iis.resilient import Patience, ResilientIIS
from bot.ports import IISRefusesUs, IISRejected, IISUnavailable
from bot.records import Demographics, VaccineRecord
from bot.store.refusals import RedisRefusals
from bot.wiring import build_system

ANA = Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")
REFUSED, STRANGE, AWAY = IISRefusesUs("wrong password"), IISRejected("strange question"), IISUnavailable("it is away")


@pytest.fixture
def entry(clock: Clock) -> Entry:
    return Entry(OwnRefusals(clock), Limit(2, rest=600))


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        yield client


def ask(entry: Entry, *outcomes: Exception | None) -> None:
    """One question after the other, each with its outcome."""
    for outcome in outcomes:
        with suppress(IISUnavailable, IISRejected), entry.question():
            if outcome:
                raise outcome


def is_asked(entry: Entry) -> bool:
    try:
        with entry.question():
            raise AWAY
    except LeftInPeace:
        return False
    except IISUnavailable:
        return True


def test_every_refusal_of_us_keeps_the_request_from_the_first_on(entry: Entry) -> None:
    for _ in range(2):
        with pytest.raises(IISUnavailable, match="wrong password") as raised, entry.question():
            raise REFUSED
        assert raised.value.retry_after is None


def test_a_refusal_of_one_persons_question_stays_one_and_closes_nothing(entry: Entry) -> None:
    for _ in range(100):
        with pytest.raises(IISRejected, match="strange question"), entry.question():
            raise STRANGE


def test_after_one_refusal_another_question_is_asked_alone(entry: Entry) -> None:
    ask(entry, REFUSED)

    with entry.question():
        assert not is_asked(entry)

    with entry.question(), entry.question():
        pass


@pytest.mark.parametrize("answer", [None, STRANGE], ids=["an answer", "a refusal of one person's question"])
def test_whoever_is_let_in_opens_the_registry_to_all(entry: Entry, answer: Exception | None) -> None:
    ask(entry, *[REFUSED, answer] * 5)

    with entry.question(), entry.question():
        pass


def test_in_a_quarter_of_an_hour_a_wrong_password_is_tried_three_times(entry: Entry, clock: Clock) -> None:
    tries = 0
    for _ in range(900):
        with suppress(IISUnavailable), entry.question():
            tries += 1
            raise REFUSED
        clock.wait(1)

    assert tries == 3


def test_a_registry_that_is_away_when_it_is_tried_is_tried_again_after_a_minute(entry: Entry, clock: Clock) -> None:
    ask(entry, REFUSED, AWAY)
    assert not is_asked(entry)

    clock.wait(60)

    assert is_asked(entry)


def test_an_old_answer_that_comes_after_a_refusal_does_not_make_it_good(entry: Entry) -> None:
    with entry.question():
        ask(entry, REFUSED, REFUSED)

    assert not is_asked(entry)


def test_each_turn_is_logged_and_a_refusal_as_an_error(entry: Entry, clock: Clock) -> None:
    with capture_logs() as logs:
        ask(entry, REFUSED, REFUSED, None)
        clock.wait(600)
        ask(entry, None, None)

    refused = {"event": "registry_refuses_us", "log_level": "error", "reason": "wrong password"}
    probed = {"event": "registry_probed", "log_level": "info"}
    assert logs == [
        refused | {"seconds": 0},
        probed,
        refused | {"seconds": 600},
        probed,
        {"event": "registry_back", "log_level": "info"},
    ]


def test_while_redis_is_away_nobody_tries(clock: Clock) -> None:
    with redis.Redis(port=1, retry=None) as nowhere:
        entry = Entry(RedisRefusals(nowhere, ["whom"], clock), Limit(2, rest=600))

        with pytest.raises(IISUnavailable, match="Redis is away"), entry.question():
            pytest.fail("it was asked")


@pytest.fixture
def soap() -> Iterator[SoapIis]:
    with SoapIis() as server:
        yield server


def worker(url: str, client: redis.Redis | None = None) -> ResilientIIS:
    """One process's way to the registry."""
    refusals = RedisRefusals(client, ["whom"]) if client else None
    return ResilientIIS(open_dialect(url, timeout=5), Patience(), refusals)


def guessing(server: SoapIis) -> str:
    return server.url.replace("pass%2Fw%40rd", "guessed")


def test_eight_questions_at_once_try_a_wrong_password_twice_and_all_are_kept(soap: SoapIis) -> None:
    soap.delay = 0.1
    iis = worker(guessing(soap))

    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(iis.find, ANA) for _ in range(24)]
        errors = [answer.exception() for answer in answers]

    assert {isinstance(error, IISUnavailable) for error in errors} == {True}
    assert all("check user, password and facility" in str(error) for error in errors)
    assert soap.refused == 2
    iis.close()


def test_processes_that_start_one_after_the_other_try_it_twice_together(soap: SoapIis, client: redis.Redis) -> None:
    for _ in range(6):
        iis = worker(guessing(soap), client)
        for _ in range(3):
            with pytest.raises(IISUnavailable, match="check user, password and facility"):
                iis.find(ANA)
        iis.close()

    assert soap.refused == 2


def test_a_ping_needs_no_password_and_so_ends_no_rest(soap: SoapIis) -> None:
    iis = worker(guessing(soap))
    for _ in range(2):
        with pytest.raises(IISUnavailable):
            iis.find(ANA)

    iis.ping()

    with pytest.raises(LeftInPeace, match="but for one question now and then"):
        iis.find(ANA)
    iis.close()


def asked_with_settings(url: str, redis_url: str, folder: Path) -> VaccineRecord | None:
    """One question of a process that begins with these settings, as `wiring` builds it."""
    system = build_system(read_settings({"redis_url": redis_url, "iis_url": url, "data_dir": folder}))
    try:
        return system.services.iis.find(ANA)
    finally:
        system.close()


def test_a_new_password_is_tried_at_once_whatever_is_known_of_the_old_one(
    client: redis.Redis, redis_url: str, tmp_path: Path
) -> None:
    with SoapIis([person.record for person in demo_people()]) as soap:
        for _ in range(4):
            with pytest.raises(IISUnavailable, match="check user, password and facility"):
                asked_with_settings(guessing(soap), redis_url, tmp_path)

        assert asked_with_settings(soap.url, redis_url, tmp_path) is not None
        assert soap.refused == 2


def test_what_redis_keeps_of_a_refusal_does_not_tell_the_password(
    soap: SoapIis, client: redis.Redis, redis_url: str, tmp_path: Path
) -> None:
    with suppress(IISUnavailable):
        asked_with_settings(guessing(soap), redis_url, tmp_path)

    (key,) = client.keys("vt:b:*")
    assert b"guessed" not in key + b"".join(client.hvals(key))
    assert client.ttl(key) > 0


def test_a_user_who_is_locked_in_the_middle_of_the_day_is_tried_twice_more(soap: SoapIis) -> None:
    iis = worker(soap.url)
    iis.find(ANA)
    soap.login = ("vaxtext", "changed", "VT-1")

    for _ in range(20):
        with pytest.raises(IISUnavailable, match="SecurityFault"):
            iis.find(ANA)

    assert soap.refused == 2
    iis.close()
