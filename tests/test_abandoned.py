"""Conversations that end without an answer: noted once, with nothing personal, and forgotten; also after restarts."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from conftest import ANA, Clock, Phone, RecordedJobs
from structlog.testing import capture_logs

from bot.conversation.session import Session
from bot.ports import Services
from bot.sweeping import sweep
from bot.wiring import System

HALF_AN_HOUR = 30 * 60


def abandoned(logged: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(line["state"], line["language"]) for line in logged if line["event"] == "abandoned"]


def session_of(services: Services, phone: str = ANA) -> Session:
    session = services.sessions.load(services.sessions.key(phone)).session
    assert session
    return session


def test_it_is_noted_with_the_last_state_and_language_and_forgotten(
    phone: Phone, services: Services, clock: Clock
) -> None:
    phone.text("Hola", "2", "Ana", "Reyes")
    clock.wait(HALF_AN_HOUR + 1)

    with capture_logs() as logged:
        sweep(services)

    assert abandoned(logged) == [("ask_dob", "es")]
    assert set(logged[0]) == {"event", "log_level", "note", "state", "language"}
    session = session_of(services)
    assert (session.state, session.answers) == ("", {})
    assert len(session.seen) == 4  # a webhook that Twilio repeats is still known


def test_before_its_time_nothing_ends(phone: Phone, services: Services, clock: Clock) -> None:
    phone.text("Hi", "1", "Ana")
    clock.wait(HALF_AN_HOUR - 60)
    phone.text("Reyes")
    clock.wait(HALF_AN_HOUR - 60)

    assert sweep(services) == 0

    assert session_of(services).state == "ask_dob"


def test_a_conversation_that_came_to_an_end_is_not_abandoned(
    phone: Phone, services: Services, clock: Clock, system: System
) -> None:
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "2")  # declined
    clock.wait(10 * HALF_AN_HOUR)

    assert sweep(services) == 0
    assert system.client.zcard("vt:deadlines") == 0


def test_while_we_look_it_is_our_turn(phone: Phone, services: Services, clock: Clock, jobs: RecordedJobs) -> None:
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1")
    clock.wait(HALF_AN_HOUR + 60)

    assert sweep(services) == 0
    jobs.work()
    clock.wait(HALF_AN_HOUR - 60)

    assert sweep(services) == 0
    assert session_of(services).state == "done"


def test_many_sweepers_note_it_once(phone: Phone, services: Services, clock: Clock) -> None:
    numbers = [f"+1360555{number:04d}" for number in range(100, 130)]
    for phone.number in numbers:
        phone.text("Hi", "1")
    clock.wait(HALF_AN_HOUR + 1)

    with capture_logs() as logged, ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: sweep(services), range(12)))

    assert abandoned(logged) == [("ask_first_name", "en")] * len(numbers)


def test_a_sweeper_that_was_killed_leaves_the_rest_to_the_next(phone: Phone, services: Services, clock: Clock) -> None:
    phone.text("Hi", "1")
    clock.wait(HALF_AN_HOUR + 1)
    assert services.sessions.ended(clock(), 9)  # taken, and never ended

    with capture_logs() as logged:
        assert sweep(services) == 0
        clock.wait(61)
        assert sweep(services) == 1

    assert abandoned(logged) == [("ask_first_name", "en")]


def test_whose_session_redis_has_dropped_counts_too(
    phone: Phone, services: Services, clock: Clock, system: System
) -> None:
    phone.text("Hi", "1")
    system.client.delete(services.sessions.key(ANA))
    clock.wait(HALF_AN_HOUR + 1)

    with capture_logs() as logged:
        sweep(services)
        clock.wait(100)
        sweep(services)

    assert abandoned(logged) == [("", "")]
    assert system.client.zcard("vt:deadlines") == 0


def test_who_texts_before_the_sweeper_comes_is_noted_once_and_begins_anew(
    phone: Phone, services: Services, clock: Clock
) -> None:
    phone.text("Hi", "1", "Ana")
    clock.wait(HALF_AN_HOUR + 1)

    with capture_logs() as logged:
        assert "1 English" in str(phone.text("Reyes"))
        clock.wait(61)
        sweep(services)

    assert abandoned(logged) == [("ask_last_name", "en")]


@pytest.mark.parametrize("word", ["HELP", "STOP"])
def test_a_carriers_word_after_the_end_is_noted_once(word: str, phone: Phone, services: Services, clock: Clock) -> None:
    phone.text("Hi", "1", "Ana")
    clock.wait(HALF_AN_HOUR + 1)

    with capture_logs() as logged:
        phone.text(word)
        sweep(services)
        clock.wait(100)
        sweep(services)

    assert abandoned(logged) == [("ask_last_name", "en")]


def test_every_session_has_an_end_in_redis_also_if_no_sweeper_ever_comes(phone: Phone, system: System) -> None:
    for text in ("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1", "STOP"):
        phone.text(text)

        (key,) = system.client.scan_iter("vt:s:*")
        assert 0 < system.client.ttl(key) <= 24 * 3600
