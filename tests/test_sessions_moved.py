"""While keys of the index are changed, a session is found under each of its names, and saved under the first."""

import pytest
from conftest import ANA
from structlog.testing import capture_logs

from bot.conversation.session import Session
from bot.ports import SessionConflict
from bot.store.naming import Names
from bot.store.sealing import KeyRing
from bot.store.sessions import RedisSessions
from bot.wiring import System

NOW = 1_795_000_000.0
RING = KeyRing({"k": b"s" * 32})
KEYS = {key_id: key_id.encode() * 32 for key_id in "abc"}
SESSION = Session(ANA, state="ask_dob", language="en")


def with_keys(system: System, order: str) -> RedisSessions:
    return RedisSessions(system.client, RING, Names(KeyRing({key_id: KEYS[key_id] for key_id in order})))


def ends(sessions: RedisSessions) -> list[bytes]:
    return sessions.client.zrange("vt:deadlines", 0, -1)


def test_it_is_found_by_its_phone_under_the_name_of_any_key(system: System) -> None:
    old, new = with_keys(system, "a"), with_keys(system, "ba")
    old.save(old.key(ANA), SESSION, b"", 60)

    assert new.load(new.key(ANA), ANA).session == SESSION
    assert new.load(new.key(ANA)).session is None


def test_it_is_found_by_the_name_that_somebody_knew_without_its_phone(system: System) -> None:
    old, new = with_keys(system, "a"), with_keys(system, "ba")
    old.save(old.key(ANA), SESSION, b"", 60)
    new.save(new.key(ANA), SESSION, old.load(old.key(ANA)).stamp, 60)

    assert old.load(old.key(ANA)).session == SESSION
    assert new.load(old.key(ANA)).session == SESSION


def test_it_is_saved_under_the_name_of_the_first_key_whichever_it_was_loaded_by(system: System) -> None:
    old, new = with_keys(system, "a"), with_keys(system, "ba")
    old.save(old.key(ANA), SESSION, b"", 60)

    new.save(old.key(ANA), SESSION, old.load(old.key(ANA)).stamp, 60)

    assert new.key(ANA).startswith("vt:s:b:")
    value, marker = system.client.mget(new.key(ANA), old.key(ANA))
    assert value.startswith(b"k.")
    assert marker == b">" + new.key(ANA).encode()


def test_one_of_nobody_is_saved_under_the_name_that_was_given(system: System) -> None:
    sessions = with_keys(system, "ba")
    key = sessions.key(ANA)

    sessions.save(key, Session("", state=""), b"", 60)

    assert list(system.client.scan_iter("vt:s:*")) == [key.encode()]


def test_its_end_moves_with_it(system: System) -> None:
    old, new = with_keys(system, "a"), with_keys(system, "ba")
    old.save(old.key(ANA), SESSION, b"", 60, ends_at=NOW)

    new.save(new.key(ANA), SESSION, old.load(old.key(ANA)).stamp, 60, ends_at=NOW + 60)

    assert ends(new) == [new.key(ANA).encode()]


def test_who_saw_none_under_any_name_saves_over_none(system: System) -> None:
    old, new = with_keys(system, "a"), with_keys(system, "ba")
    old.save(old.key(ANA), SESSION, b"", 60)

    with pytest.raises(SessionConflict):
        new.save(new.key(ANA), SESSION, b"", 60)


def test_those_that_were_moved_are_counted_once_and_markers_are_no_sessions(system: System) -> None:
    old, new = with_keys(system, "a"), with_keys(system, "ba")
    phones = [f"+13605550{number:03}" for number in range(20)]
    for phone in phones:
        old.save(old.key(phone), Session(phone), b"", 60)
        new.save(new.key(phone), Session(phone), old.load(old.key(phone)).stamp, 60)

    with capture_logs() as logged:
        found = [session.phone for session in new.every()]

    assert sorted(found) == phones
    assert logged == []
