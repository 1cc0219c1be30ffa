"""What Redis holds of limits: how long each count lives, what is taken back, and which key of the index it is under."""

import pytest
from conftest import ANA

from bot.limits.table import Rule
from bot.ports import Admitted, Ask
from bot.store.limits import REACHED_LIFE, SPENT_LIFE, RedisLimits
from bot.store.naming import Names
from bot.store.sealing import KeyRing
from bot.wiring import System

NOW = 20_775 * 86_400.0
HERS, MORE = Ask("hers", (Rule(2, 100),), (ANA,)), Ask("more", (Rule(3, 200), Rule(5, 300)), (ANA, "ben"))
WATCHES = Ask("watches", (Rule(1, 100),), (ANA,), watches=True)
SPENT = "vt:{limits}:texts"
REACHED = "vt:{limits}:reached:20775"


def names(order: str) -> Names:
    return Names(KeyRing({key_id: key_id.encode() * 32 for key_id in order}))


@pytest.fixture
def limits(system: System) -> RedisLimits:
    return RedisLimits(system.client, names("a"))


def take(limits: RedisLimits, *asks: Ask, cause: str = "one", texts: int = 0) -> Admitted:
    return limits.take(cause, asks, texts=texts, now=NOW)


def key(limits: RedisLimits, limit: str, rest: int | str = "*") -> bytes:
    (found,) = limits.client.scan_iter(f"vt:{{limits}}:{limit}:{rest}:*")
    return found


def counts(limits: RedisLimits) -> list[int]:
    """How many causes each set has, in the order of the limits' names."""
    found = sorted(set(limits.client.scan_iter("vt:{limits}:*:?:*")))
    return [limits.client.scard(name) for name in found]


def lives(limits: RedisLimits, name: bytes | str, seconds: int) -> bool:
    """Within what a machine may be busy with other things."""
    return seconds - 10 <= limits.client.ttl(name) <= seconds


def test_texts_are_known_for_two_hours_and_what_was_reached_for_eight_days() -> None:
    assert (SPENT_LIFE, REACHED_LIFE) == (7_200, 691_200)


def test_what_is_admitted_is_counted_in_every_window_of_its_own_length(limits: RedisLimits) -> None:
    assert take(limits, HERS, MORE, texts=1) == Admitted(frozenset(), False, 0, 1)

    assert counts(limits) == [1, 1, 1]
    assert lives(limits, key(limits, "hers"), 100)
    assert lives(limits, key(limits, "more", 200), 200)
    assert lives(limits, key(limits, "more", 300), 300)
    assert {len(cause) for cause in limits.client.smembers(key(limits, "hers"))} == {12}


def test_a_later_one_makes_no_window_longer(limits: RedisLimits) -> None:
    take(limits, HERS)
    limits.client.expire(key(limits, "hers"), 50)

    take(limits, HERS, cause="two")

    assert limits.client.scard(key(limits, "hers")) == 2
    assert limits.client.ttl(key(limits, "hers")) <= 50


def test_what_one_limit_refuses_is_taken_back_of_all_and_costs_no_text(limits: RedisLimits) -> None:
    take(limits, HERS, cause="one", texts=1)
    take(limits, HERS, cause="two", texts=1)

    refused = take(limits, MORE, HERS, cause="three", texts=1)

    assert refused.refused
    assert refused.reached == {"hers"}
    assert 90 <= refused.wait <= 100
    assert refused.texts == 2
    assert counts(limits) == [2]  # an empty set is none


def test_whoever_waits_waits_for_the_longest_that_is_reached(limits: RedisLimits) -> None:
    long = Ask("long", (Rule(0, 900),), (ANA,))
    short = Ask("short", (Rule(0, 90),), (ANA,))

    assert [take(limits, *asks).wait for asks in ((long, short), (short, long))] == [900, 900]


def test_one_that_only_watches_is_noted_and_admits(limits: RedisLimits) -> None:
    take(limits, WATCHES, texts=1)

    admitted = take(limits, WATCHES, HERS, cause="two", texts=1)

    assert (admitted.refused, admitted.reached, admitted.texts) == (False, {"watches"}, 2)
    assert counts(limits) == [1, 1]


def test_the_same_again_costs_no_text_and_counts_once(limits: RedisLimits) -> None:
    for _ in range(3):
        assert take(limits, HERS, texts=1) == Admitted(frozenset(), False, 0, 1)

    assert counts(limits) == [1]


def test_what_nothing_limits_is_a_text_all_the_same_and_none_need_be_named(limits: RedisLimits) -> None:
    assert [take(limits, texts=1).texts, take(limits, texts=5).texts, take(limits, texts=-2).texts] == [1, 6, 4]
    assert limits.take("any", [HERS], now=NOW).texts == 4
    assert limits.texts() == 4


def test_what_is_given_back_is_given_back_of_every_window(limits: RedisLimits) -> None:
    take(limits, HERS, MORE)
    take(limits, HERS, MORE, cause="two")

    limits.give_back("one", [HERS, MORE])

    assert counts(limits) == [1, 1, 1]


def test_each_limit_that_is_reached_is_noted_once_for_each_question_and_for_eight_days(limits: RedisLimits) -> None:
    both = Ask("both", (Rule(0, 100), Rule(0, 200)), (ANA,))

    assert take(limits, both, HERS).reached == {"both"}
    take(limits, both, Ask("none", (Rule(0, 100),), (ANA,)))

    assert limits.client.hgetall(REACHED) == {b"both": b"2", b"none": b"1"}
    assert lives(limits, REACHED, REACHED_LIFE)
    assert limits.reached(NOW) == {"both": 2, "none": 1}


def test_what_is_counted_elsewhere_is_noted_the_same_way(limits: RedisLimits) -> None:
    limits.note("pin_tries", NOW)
    limits.note("pin_tries", NOW + 86_399.5)

    assert limits.client.hgetall(REACHED) == {b"pin_tries": b"2"}
    assert lives(limits, REACHED, REACHED_LIFE)
    assert limits.reached(NOW + 86_400) == limits.reached(NOW - 0.5) == {}


def test_texts_are_counted_by_five_minutes_for_an_hour(system: System) -> None:
    late = 0
    moved, slice_ = in_mid_slice(system)
    limits = RedisLimits(system.client, names("a"), ahead=lambda: moved + late)
    take(limits, texts=7)
    assert system.client.hgetall(SPENT) == {str(slice_).encode(): b"7"}
    assert lives(limits, SPENT, SPENT_LIFE)

    late = 11 * 300
    assert take(limits, texts=1).texts == 8
    late = 12 * 300
    assert limits.texts() == 1

    assert system.client.hgetall(SPENT) == {str(slice_ + 11).encode(): b"1"}


def in_mid_slice(system: System) -> tuple[int, int]:
    """Seconds to be ahead of the clock of Redis, so that no five minutes end during a test; and which these are."""
    seconds, _ = system.client.time()
    moved = 450 - seconds % 300
    return moved, (seconds + moved) // 300


@pytest.mark.parametrize(("before", "after"), [("a", "ba"), ("ab", "ba"), ("a", "cba"), ("b", "cba"), ("ba", "cba")])
def test_what_was_counted_under_one_key_counts_under_the_next(before: str, after: str, system: System) -> None:
    old, new = (RedisLimits(system.client, names(order)) for order in (before, after))
    for cause in ("one", "two"):
        take(old, HERS, MORE, cause=cause)

    assert take(new, MORE, HERS, cause="three").reached == {"hers"}
    assert not take(new, MORE, cause="three").refused
    assert take(new, MORE, cause="four").reached == {"more"}

    found = list(new.client.scan_iter("vt:{limits}:*:?:*"))
    assert {name.split(b":")[-2] for name in found} == {after[0].encode()}
    assert counts(new) == [2, 3, 3]


@pytest.mark.parametrize(("before", "after"), [(30, 60), (60, 30)])
def test_of_the_windows_under_two_keys_the_longer_holds(before: int, after: int, system: System) -> None:
    for order, left in (("a", before), ("b", after)):
        one = RedisLimits(system.client, names(order))
        take(one, HERS, cause=order)
        one.client.expire(key(one, "hers", f"100:{order}"), left)
    both = RedisLimits(system.client, names("ba"))

    assert take(both, HERS, cause="two").refused

    assert lives(both, key(both, "hers"), 60)
