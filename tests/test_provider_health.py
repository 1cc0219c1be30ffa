"""How a provider loses its share and gets it back, for all processes together."""

from collections.abc import Iterator

import pytest
import redis
import structlog
from conftest import Clock

from bot.store.healths import ENOUGH, ERRORS, FLOOR, NEWEST, QUIET, STEP, WELL, WINDOW, RedisHealths

A, B = "AC" + "a" * 32, "AC" + "b" * 32


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        yield client


@pytest.fixture
def healths(client: redis.Redis, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> RedisHealths:
    monkeypatch.setattr("bot.store.healths.SEEN", 0.0)  # a moved clock is seen at once
    return RedisHealths(client, clock)


def note(healths: RedisHealths, outcome: str, times: int = 1, provider: str = A) -> None:
    for _ in range(times):
        healths.note(provider, outcome)  # type: ignore[arg-type]


def test_a_provider_that_nobody_has_tried_is_well(healths: RedisHealths) -> None:
    assert healths.percent(A) == WELL


def test_errors_within_a_minute_cost_a_step_and_fewer_nothing(healths: RedisHealths) -> None:
    note(healths, "error", ERRORS - 1)
    assert healths.percent(A) == WELL

    note(healths, "error")

    assert healths.percent(A) == WELL - STEP
    assert healths.percent(B) == WELL


def test_errors_that_are_far_apart_cost_nothing(healths: RedisHealths, clock: Clock) -> None:
    for _ in range(3 * ERRORS):
        note(healths, "error")
        clock.wait(WINDOW / (ERRORS - 1) + 1)

    assert healths.percent(A) == WELL


def test_few_errors_among_many_messages_cost_nothing(healths: RedisHealths) -> None:
    for _ in range(3 * ERRORS):
        note(healths, "error")
        note(healths, "well", NEWEST // ERRORS + 3)

    assert healths.percent(A) == WELL


def test_a_provider_that_is_down_is_left_a_trickle_after_fifty_errors(healths: RedisHealths) -> None:
    note(healths, "error", 50)

    assert healths.percent(A) == FLOOR > 0
    note(healths, "error", 50)
    assert healths.percent(A) == FLOOR


def test_slowness_costs_a_step_once_enough_were_seen(healths: RedisHealths) -> None:
    note(healths, "slow", ENOUGH - 1)
    assert healths.percent(A) == WELL

    note(healths, "slow")

    assert healths.percent(A) == WELL - STEP


def test_a_few_slow_ones_cost_nothing(healths: RedisHealths) -> None:
    for _ in range(30):
        note(healths, "well", 3)
        note(healths, "slow")

    assert healths.percent(A) == WELL


def test_after_quiet_it_comes_back_step_by_step(healths: RedisHealths, clock: Clock) -> None:
    note(healths, "error", 3 * ERRORS)
    seen = [healths.percent(A)]

    for _ in range(4):
        clock.wait(QUIET)
        seen.append(healths.percent(A))

    assert seen == [70, 80, 90, 100, 100]


def test_an_error_begins_the_quiet_anew(healths: RedisHealths, clock: Clock) -> None:
    note(healths, "error", ERRORS)
    clock.wait(QUIET - 1)
    note(healths, "error")

    clock.wait(QUIET - 1)

    assert healths.percent(A) == WELL - STEP
    clock.wait(1)
    assert healths.percent(A) == WELL


def test_a_fall_while_it_comes_back_is_a_fall_from_where_it_is(healths: RedisHealths, clock: Clock) -> None:
    note(healths, "error", 5 * ERRORS)
    clock.wait(2 * QUIET)
    assert healths.percent(A) == 70

    note(healths, "error", ERRORS)

    assert healths.percent(A) == 60


def test_the_log_says_each_step_down_and_once_that_it_is_back(healths: RedisHealths, clock: Clock) -> None:
    with structlog.testing.capture_logs() as logs:
        note(healths, "error", 2 * ERRORS)
        clock.wait(2 * QUIET)
        note(healths, "well", 3)

    said = [(line["event"], line.get("percent")) for line in logs]
    assert said == [("provider_shifted", 90), ("provider_shifted", 80), ("provider_back", None)]
    assert logs[0]["why"] == "error"


def test_all_processes_see_the_same(client: redis.Redis, healths: RedisHealths, clock: Clock) -> None:
    other = RedisHealths(client, clock)

    note(healths, "error", ERRORS - 1)
    note(other, "error")

    assert healths.percent(A) == other.percent(A) == WELL - STEP


def test_without_redis_we_go_on_with_what_was_known_last(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.healths.SEEN", 0.0)
    healths = RedisHealths(redis.Redis(port=1), clock)
    healths._known[A] = (0.0, 40)

    note(healths, "error", 3)

    assert healths.percent(A) == 40
    assert healths.percent(B) == WELL


def test_what_is_kept_is_bounded_and_ends(client: redis.Redis, healths: RedisHealths) -> None:
    note(healths, "well", 3 * NEWEST)
    note(healths, "error", ERRORS - 1)
    assert client.llen(f"vt:p:{A}:newest") == NEWEST

    note(healths, "error")
    note(healths, "well")

    assert all(client.ttl(key) > 0 for key in client.scan_iter("*"))
