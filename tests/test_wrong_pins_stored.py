"""Wrong PINs in a row: so many are looked at, then all links of a record rest for a day, and no longer."""

import pytest
from conftest import ANA

from bot.limits.table import DAY, USUAL, Rule
from bot.store.naming import Names
from bot.store.sealing import KeyRing
from bot.store.wrong_pins import HOLD, LIMIT, RedisWrongPins
from bot.wiring import System

NAMES = Names(KeyRing({"b": b"b" * 32, "a": b"a" * 32}))
RECORD = "p1"


class Counting:
    """Wrong PINs of one record, with a number that staff may change."""

    def __init__(self, system: System) -> None:
        self.rule = Rule(3, 30 * DAY)
        self.store = RedisWrongPins(system.client, NAMES, lambda: self.rule)
        self.name = self.store.name(RECORD)

    def allows(self, times: int = 1) -> list[bool]:
        return [self.store.allow(self.name) for _ in range(times)]

    def held(self) -> tuple[int, int]:
        """The count, and the days for which it is known."""
        client = self.store.client
        return int(client.get(self.name) or 0), -(-client.ttl(self.name) // DAY)


@pytest.fixture
def counting(system: System) -> Counting:
    return Counting(system)


def test_so_many_are_looked_at_and_the_last_of_them_begins_a_day_of_rest(counting: Counting) -> None:
    assert HOLD == 86_400
    assert counting.allows(2) == [True, True]
    assert counting.held() == (2, 30)
    assert not counting.store.rests(RECORD)

    assert counting.allows() == [True]

    assert counting.held() == (3, 1)
    assert DAY - 10 <= counting.store.client.ttl(counting.name) <= DAY
    assert counting.store.rests(RECORD)
    assert counting.allows(2) == [False, False]


def test_what_is_refused_changes_nothing(counting: Counting) -> None:
    counting.allows(3)
    counting.store.client.expire(counting.name, 100)

    assert counting.allows(2) == [False, False]

    assert counting.held() == (3, 1)
    assert counting.store.client.ttl(counting.name) <= 100


def test_the_window_begins_with_the_first_and_not_anew(counting: Counting) -> None:
    counting.allows()
    counting.store.client.expire(counting.name, 5 * DAY)

    counting.allows()

    assert counting.held() == (2, 5)


def test_a_number_that_staff_lower_holds_at_once_and_for_a_day(counting: Counting) -> None:
    counting.allows(2)
    counting.rule = Rule(1, 30 * DAY)

    assert counting.store.rests(RECORD)
    assert counting.allows() == [False]

    assert counting.held() == (2, 1)


def test_one_that_was_not_looked_at_is_taken_back(counting: Counting) -> None:
    counting.allows(3)

    counting.store.take_back(counting.name)

    assert counting.allows(2) == [True, False]


def test_nothing_is_taken_back_of_a_row_that_is_over(counting: Counting) -> None:
    counting.store.take_back(counting.name)

    assert not counting.store.client.exists(counting.name)


def test_a_right_one_begins_the_row_anew(counting: Counting) -> None:
    counting.allows(3)

    counting.store.begin_anew(counting.name)

    assert not counting.store.rests(RECORD)
    assert counting.allows() == [True]
    assert counting.held() == (1, 30)


def test_what_is_nobody_s_is_not_counted_and_never_rests(counting: Counting) -> None:
    assert counting.store.name("") == ""
    assert [counting.store.allow("") for _ in range(9)] == [True] * 9
    counting.store.take_back("")
    counting.store.begin_anew("")

    assert not counting.store.rests("")
    assert list(counting.store.client.scan_iter("vt:{limits}:*")) == []


def test_it_is_counted_under_the_first_key_and_rests_by_any(counting: Counting, system: System) -> None:
    old = RedisWrongPins(system.client, Names(KeyRing({"a": b"a" * 32})), lambda: counting.rule)
    for _ in range(3):
        old.allow(old.name(RECORD))

    assert counting.name.startswith(f"vt:{{limits}}:{LIMIT}:b:")
    assert counting.store.rests(RECORD)
    assert not counting.store.rests(ANA)


def test_the_usual_number_holds_where_staff_set_none(system: System) -> None:
    usual = RedisWrongPins(system.client, NAMES)
    (rule,) = USUAL[LIMIT]
    name = usual.name(RECORD)

    assert [usual.allow(name) for _ in range(rule.most + 1)] == [True] * rule.most + [False]


def test_a_rest_that_is_ended_is_over_under_every_key_and_the_row_begins_anew(
    counting: Counting, system: System
) -> None:
    old = RedisWrongPins(system.client, Names(KeyRing({"a": b"a" * 32})), lambda: counting.rule)
    for _ in range(3):
        old.allow(old.name(RECORD))
    counting.allows(2)

    assert counting.store.end_rest(RECORD)

    assert not counting.store.rests(RECORD)
    assert counting.allows(4) == [True, True, True, False]
    assert counting.held() == (3, 1)


def test_where_nothing_rests_nothing_is_ended(counting: Counting) -> None:
    counting.allows(2)

    assert not counting.store.end_rest(RECORD)
    assert not counting.store.end_rest("")

    assert counting.held() == (2, 30)
