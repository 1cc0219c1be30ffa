"""When senders have time: never more than their rate, whoever asks, and nobody waits for a stranger in vain."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from conftest import Clock

from bot.outbox.delivery import Route
from bot.ports import Pace, StoreUnavailable
from bot.store.connect import connect
from bot.store.timetable import RedisTimetable

LONG, TOLL_FREE = Pace("+15555550101", 1.0), Pace("+18005550102", 3.0)


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with connect(redis_url) as client:
        client.flushall()
        yield client


@pytest.fixture
def timetable(client: redis.Redis, clock: Clock) -> RedisTimetable:
    return RedisTimetable(client, clock)


def after(route: Route, clock: Clock) -> float:
    return round(route.at - clock(), 3) if route.at else 0


def test_each_message_gets_its_own_time(timetable: RedisTimetable, clock: Clock) -> None:
    times = [after(timetable.book(LONG, [], segments=1, patience=0), clock) for _ in range(4)]

    assert times == [0, 1, 2, 3]


def test_a_message_of_three_segments_takes_three_times_as_long(timetable: RedisTimetable, clock: Clock) -> None:
    timetable.book(LONG, [], segments=3, patience=0)

    assert after(timetable.book(LONG, [], segments=1, patience=0), clock) == 3


def test_a_faster_sender_takes_more(timetable: RedisTimetable, clock: Clock) -> None:
    times = [after(timetable.book(TOLL_FREE, [], segments=1, patience=0), clock) for _ in range(4)]

    assert times == [0, 0.333, 0.667, 1]


def test_time_that_nobody_used_is_not_saved_up(timetable: RedisTimetable, clock: Clock) -> None:
    timetable.book(LONG, [], segments=1, patience=0)
    clock.wait(3600)

    times = [after(timetable.book(LONG, [], segments=1, patience=0), clock) for _ in range(3)]

    assert times == [0, 1, 2]


def test_who_has_no_patience_gets_the_sender_that_is_free_first(timetable: RedisTimetable, clock: Clock) -> None:
    routes = [timetable.book(LONG, [TOLL_FREE], segments=1, patience=0) for _ in range(4)]

    assert [(route.sender, after(route, clock)) for route in routes] == [
        (LONG.sender, 0),
        (TOLL_FREE.sender, 0),
        (TOLL_FREE.sender, 0.333),
        (TOLL_FREE.sender, 0.667),
    ]


def test_who_is_patient_waits_for_the_first(timetable: RedisTimetable) -> None:
    routes = [timetable.book(LONG, [TOLL_FREE], segments=10, patience=15) for _ in range(3)]

    assert [route.sender for route in routes] == [LONG.sender, LONG.sender, TOLL_FREE.sender]


def test_workers_together_give_each_time_once(redis_url: str, client: redis.Redis, clock: Clock) -> None:
    tables = [RedisTimetable(client, clock) for _ in range(8)]

    def book(table: RedisTimetable) -> float:
        return after(table.book(LONG, [], segments=1, patience=0), clock)

    with ThreadPoolExecutor(8) as threads:
        times = sorted(threads.map(book, tables * 25))

    assert times == list(range(200))


def test_what_is_kept_ends_with_the_last_time(client: redis.Redis, timetable: RedisTimetable) -> None:
    timetable.book(LONG, [], segments=5, patience=0)

    assert 5 <= client.pttl(f"vt:r:{LONG.sender}") / 1000 <= 6


def test_without_redis_nobody_gets_a_time(clock: Clock) -> None:
    with pytest.raises(StoreUnavailable):
        RedisTimetable(redis.Redis(port=1), clock).book(LONG, [], segments=1, patience=0)
