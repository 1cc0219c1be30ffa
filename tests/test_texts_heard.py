"""Which texts had their turn: by the hour, a day back and two hours more, and nothing of what they said."""

from itertools import islice

import pytest
from conftest import ANA

from bot.conversation.session import Session
from bot.ports import Swept
from bot.store.heard import HOUR, KEPT, REACH, RedisHeard, bucket, buckets
from bot.store.sessions import RedisSessions
from bot.wiring import System

NOON = 100 * 3600.0
SIDS = [f"SM{number:032x}" for number in range(3)]
SESSION = Session(ANA, state="ask_dob", language="en")


@pytest.fixture
def heard(system: System) -> RedisHeard:
    return RedisHeard(system.client)


@pytest.fixture
def sessions(system: System) -> RedisSessions:
    assert isinstance(system.services.sessions, RedisSessions)
    return system.services.sessions


def names(heard: RedisHeard) -> set[bytes]:
    return set(heard.client.scan_iter("vt:h:*"))


def test_texts_are_looked_for_a_day_back_and_known_for_two_hours_more() -> None:
    assert (REACH, HOUR, KEPT) == (86_400, 3_600, 93_600)


@pytest.mark.parametrize(
    ("since", "now", "expected"),
    [
        (NOON, NOON, ["vt:h:100"]),
        (NOON, NOON + HOUR - 0.5, ["vt:h:100"]),
        (NOON - 0.5, NOON + HOUR, ["vt:h:99", "vt:h:100", "vt:h:101"]),
    ],
)
def test_every_hour_from_one_time_to_another_is_looked_at(since: float, now: float, expected: list[str]) -> None:
    assert list(islice(buckets(since, now), 9)) == expected
    assert (bucket(since), bucket(now)) == (expected[0], expected[-1])


def test_with_a_session_its_texts_are_known_for_a_day(heard: RedisHeard, sessions: RedisSessions) -> None:
    sessions.save(sessions.key(ANA), SESSION, b"", 60, heard=SIDS[:2], now=NOON)

    assert heard.known(SIDS, NOON, NOON) == set(SIDS[:2])
    assert heard.known(SIDS, NOON + 60, NOON + HOUR) == set(SIDS[:2])
    assert heard.known(SIDS, NOON + 3 * HOUR, NOON + 4 * HOUR) == set()
    assert heard.known([], NOON, NOON) == set()
    (name,) = names(heard)
    assert KEPT - 10 <= heard.client.ttl(name) <= KEPT


def test_a_text_is_heard_without_a_session_too(heard: RedisHeard) -> None:
    heard.add("SM1", NOON)

    assert heard.known(["SM1", "SM2"], NOON, NOON) == {"SM1"}
    (name,) = names(heard)
    assert KEPT - 10 <= heard.client.ttl(name) <= KEPT


def test_twelve_bytes_are_kept_of_each_and_not_its_sid(heard: RedisHeard, sessions: RedisSessions) -> None:
    heard.add(SIDS[0], NOON)
    sessions.save(sessions.key(ANA), SESSION, b"", 60, heard=SIDS, now=NOON)

    (name,) = names(heard)
    assert [len(kept) for kept in heard.client.smembers(name)] == [12, 12, 12]
    assert heard.known(SIDS, NOON, NOON) == set(SIDS)


def test_each_hour_has_its_own(heard: RedisHeard) -> None:
    for number, at in enumerate((NOON - 0.5, NOON, NOON + HOUR - 0.5, NOON + HOUR)):
        heard.add(f"SM{number}", at)

    assert names(heard) == {b"vt:h:99", b"vt:h:100", b"vt:h:101"}


def test_the_hour_before_is_looked_at_too_and_none_after(heard: RedisHeard) -> None:
    for number in range(5):
        heard.add(f"SM{number}", NOON + number * HOUR)
    sids = [f"SM{number}" for number in range(5)]

    assert heard.known(sids, NOON + 2 * HOUR, NOON + 4 * HOUR - 0.5) == {"SM1", "SM2", "SM3"}
    assert heard.known(sids, NOON + 2 * HOUR - 0.5, NOON + 2 * HOUR) == {"SM0", "SM1", "SM2"}


def test_a_turn_without_a_text_of_hers_makes_nothing_known_for_longer(
    heard: RedisHeard, sessions: RedisSessions
) -> None:
    heard.add("SM1", NOON)
    (name,) = names(heard)
    heard.client.expire(name, 100)

    sessions.save(sessions.key(ANA), SESSION, b"", 60, now=NOON)

    assert heard.client.ttl(name) <= 100


def test_how_far_the_list_was_compared_is_remembered_as_long_as_texts_are(heard: RedisHeard) -> None:
    assert heard.swept() is None

    heard.note(Swept(NOON + 0.1, NOON + 0.2))

    assert heard.swept() == Swept(NOON + 0.1, NOON + 0.2)
    assert KEPT - 10 <= heard.client.ttl("vt:swept") <= KEPT
