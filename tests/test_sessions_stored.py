"""A session is saved only over what was loaded, together with all that follows from it, or with nothing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from conftest import ANA

from bot.conversation.session import Session
from bot.funnel.fields import Field
from bot.outbox.delivery import Delivery, Message, new_delivery
from bot.ports import Besides, Counted, SessionConflict
from bot.store.heard import RedisHeard
from bot.store.sessions import RedisSessions
from bot.wiring import System

NOW = 1_795_000_000.0
HOUR = 3600.0
SOMEBODY = "+13605550199"
SESSION = Session(ANA, state="ask_dob", language="en", answers={"first_name": "Ana"})


@pytest.fixture
def sessions(system: System) -> RedisSessions:
    assert isinstance(system.services.sessions, RedisSessions)
    return system.services.sessions


def stamp(sessions: RedisSessions, phone: str = ANA) -> bytes:
    return sessions.load(sessions.key(phone)).stamp


def delivery(number: int = 1) -> Delivery:
    return new_delivery(f"event{number}", "chat", Message(to=ANA, body="Hello", language="en"), NOW)


def test_what_was_saved_is_loaded_and_nobody_else_has_it(sessions: RedisSessions) -> None:
    key = sessions.key(ANA)
    assert sessions.load(key).session is None
    assert sessions.load(key).stamp == b""

    sessions.save(key, SESSION, b"", 60)

    assert sessions.load(key).session == SESSION
    assert sessions.key(ANA) == key != sessions.key(SOMEBODY)
    assert sessions.load(sessions.key(SOMEBODY)).session is None


def test_it_lives_as_long_as_it_was_saved_for(sessions: RedisSessions) -> None:
    sessions.save(sessions.key(ANA), SESSION, b"", 60)

    assert sessions.client.ttl(sessions.key(ANA)) in (59, 60)


def test_it_is_saved_over_what_was_loaded_and_over_nothing_else(sessions: RedisSessions) -> None:
    key = sessions.key(ANA)
    sessions.save(key, SESSION, b"", 60)
    first = stamp(sessions)
    with pytest.raises(SessionConflict):
        sessions.save(key, SESSION, b"", 60)  # somebody who saw none

    sessions.save(key, replace(SESSION, state="ask_contact"), first, 60)

    with pytest.raises(SessionConflict):
        sessions.save(key, SESSION, first, 60)
    found = sessions.load(key).session
    assert found
    assert found.state == "ask_contact"


def test_what_is_gone_is_not_saved_over(sessions: RedisSessions) -> None:
    key = sessions.key(ANA)
    sessions.save(key, SESSION, b"", 60)
    seen = stamp(sessions)
    sessions.client.delete(key)

    with pytest.raises(SessionConflict):
        sessions.save(key, SESSION, seen, 60)
    assert sessions.load(key).session is None


def test_of_50_who_saw_the_same_exactly_one_saves(sessions: RedisSessions) -> None:
    key = sessions.key(ANA)
    sessions.save(key, SESSION, b"", 60)
    seen = stamp(sessions)

    def saves(number: int) -> bool:
        try:
            sessions.save(key, replace(SESSION, state=f"s{number}"), seen, 60)
        except SessionConflict:
            return False
        return True

    with ThreadPoolExecutor(25) as pool:
        assert sum(pool.map(saves, range(50))) == 1


def test_who_loses_leaves_nothing(sessions: RedisSessions, system: System) -> None:
    key = sessions.key(ANA)
    sessions.save(key, SESSION, b"", 60, ends_at=NOW + HOUR)

    with pytest.raises(SessionConflict):
        sessions.save(key, SESSION, b"wrong", 60, ends_at=NOW, post=[delivery()], heard=["SM1"], now=NOW)

    assert system.services.deliveries.load(delivery().id) is None
    assert RedisHeard(system.client).known(["SM1"], NOW, NOW) == set()
    assert sessions.ended(NOW + 1, 9) == []


def test_with_it_its_messages_leave_and_those_taken_back_do_not(sessions: RedisSessions, system: System) -> None:
    key, deliveries = sessions.key(ANA), system.services.deliveries
    one, two, three = (delivery(number) for number in (1, 2, 3))
    sessions.save(key, SESSION, b"", 60, post=[one, two], now=NOW)

    sessions.save(key, SESSION, stamp(sessions), 60, post=[three], void=[one.id], now=NOW)

    assert [deliveries.load(each.id) for each in (one, two, three)] == [None, two, three]
    assert {each.id for each in deliveries.claim(NOW + 1, 9)} == {two.id, three.id}


def test_all_that_is_saved_with_it_is_put_where_it_belongs(sessions: RedisSessions, system: System) -> None:
    key, client = sessions.key(ANA), system.client
    one, two, three, four, five = (delivery(number) for number in range(5))
    sessions.save(key, SESSION, b"", 60, post=[one, two, three], now=NOW)

    sessions.save(
        key,
        SESSION,
        stamp(sessions),
        60,
        post=[four, five],
        void=[one.id, two.id],
        counted=Counted("2026-11-26", [Field("started"), Field("reached", state="ask_dob")]),
        now=NOW,
        besides=Besides(audited=[b"first", b"second"], erase=["inbound:SM1"], erase_at=NOW + 9, now=NOW),
    )

    left = {each.id.encode() for each in (three, four, five)}
    assert set(client.zrange("vt:due", 0, -1)) == left
    assert set(client.scan_iter("vt:d:*")) == {b"vt:d:" + id_ for id_ in left}
    assert client.hgetall("vt:u:2026-11-26") == {b"started||||": b"1", b"reached|||ask_dob|": b"1"}
    assert [entry for _, entry in client.xrange("vt:a")] == [{b"e": b"first"}, {b"e": b"second"}]
    assert client.zrange("vt:e", 0, -1, withscores=True) == [(b"inbound:SM1", NOW + 9)]


def test_its_end_is_claimed_once_it_has_come_by_one_at_a_time(sessions: RedisSessions) -> None:
    key = sessions.key(ANA)
    sessions.save(key, SESSION, b"", 60, ends_at=NOW)

    assert sessions.ended(NOW - 1, 9) == []
    assert sessions.ended(NOW, 9) == [key]
    assert sessions.ended(NOW + 59.5, 9) == []  # whoever claimed it has it for a minute
    assert sessions.ended(NOW + 60, 9) == [key]


def test_an_end_that_was_put_off_or_taken_away_does_not_come(sessions: RedisSessions) -> None:
    key = sessions.key(ANA)
    sessions.save(key, SESSION, b"", 60, ends_at=NOW)
    sessions.save(key, SESSION, stamp(sessions), 60, ends_at=NOW + HOUR)
    assert sessions.ended(NOW + 1, 9) == []

    sessions.save(key, SESSION, stamp(sessions), 60)

    assert sessions.ended(NOW + 2 * HOUR, 9) == []


def test_no_more_ends_are_claimed_than_asked_for(sessions: RedisSessions) -> None:
    for number in range(3):
        phone = f"+1360555010{number}"
        sessions.save(sessions.key(phone), replace(SESSION, phone=phone), b"", 60, ends_at=NOW)

    assert len(sessions.ended(NOW, 2)) == 2


def test_only_the_end_of_a_session_that_is_gone_is_forgotten(sessions: RedisSessions) -> None:
    key = sessions.key(ANA)
    sessions.save(key, SESSION, b"", 60, ends_at=NOW)
    assert not sessions.forget_end(key)

    sessions.client.delete(key)

    assert sessions.forget_end(key)
    assert not sessions.forget_end(key)


def test_every_session_is_read_for_counting(sessions: RedisSessions) -> None:
    for phone in (ANA, SOMEBODY):
        sessions.save(sessions.key(phone), replace(SESSION, phone=phone), b"", 60)

    assert {session.phone for session in sessions.every()} == {ANA, SOMEBODY}


def test_what_nobody_can_read_counts_as_none_and_may_be_saved_over(sessions: RedisSessions) -> None:
    key = sessions.key(ANA)
    sessions.save(key, SESSION, b"", 60)
    value = sessions.client.get(key)
    assert isinstance(value, bytes)
    sessions.client.set(key, value[:-1] + bytes([value[-1] ^ 1]))

    loaded = sessions.load(key)

    assert loaded.session is None
    sessions.save(key, SESSION, loaded.stamp, 60)
    assert sessions.load(key).session == SESSION
