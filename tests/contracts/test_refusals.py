"""What is remembered of a registry that does not let us in, by one process or by all."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from bot.iis.entry import OwnRefusals
from bot.store.refusals import RedisRefusals

REASON = "wrong password"


@pytest.fixture(params=["own", "redis"])
def refusals(request, clock):
    if request.param == "own":
        yield OwnRefusals(clock)
        return
    with redis.Redis.from_url(request.getfixturevalue("redis_url")) as client:
        client.flushall()
        yield RedisRefusals(client, ["whom"], clock)


def refuse(refusals):
    return refusals.add(REASON, times=2, rest=600)


def test_who_was_never_refused_may_ask(refusals):
    assert refusals.claim(60) is None


def test_after_one_refusal_one_may_try_and_no_other_meanwhile(refusals):
    assert refuse(refusals) == 0

    assert [refusals.claim(60).may_try for _ in range(3)] == [True, False, False]
    assert refusals.claim(60).reason == REASON


def test_after_the_second_in_a_row_nobody_may_until_the_rest_is_over_and_then_one(refusals, clock):
    refuse(refusals)

    assert refuse(refusals) == 600

    clock.wait(599)
    assert not refusals.claim(60).may_try
    clock.wait(1)
    assert [refusals.claim(60).may_try for _ in range(3)] == [True, False, False]


def test_each_refusal_after_that_is_another_rest(refusals, clock):
    for _ in range(5):
        refuse(refusals)
        clock.wait(600)
        assert refusals.claim(60).may_try

    assert refuse(refusals) == 600


def test_a_try_that_never_ended_keeps_nobody_away_for_ever(refusals, clock):
    refuse(refusals)
    assert refusals.claim(60).may_try

    clock.wait(60)

    assert refusals.claim(60).may_try


def test_once_we_are_let_in_all_is_forgotten(refusals):
    refuse(refusals)
    refuse(refusals)

    refusals.forget()

    assert refusals.claim(60) is None
    assert refuse(refusals) == 0


def test_of_many_threads_one_may_try(refusals):
    refuse(refusals)

    with ThreadPoolExecutor(16) as threads:
        tries = list(threads.map(lambda _: refusals.claim(60).may_try, range(64)))

    assert tries.count(True) == 1
