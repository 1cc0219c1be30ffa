"""Limits in a real Redis: hundreds at once pass exactly as often as is allowed, and without Redis nothing passes."""

import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from bot.clock import ahead
from bot.limits.table import DAY, HOUR, LIMITS, USUAL, Rule
from bot.ports import Admitted, Ask, LinkGone, LinkRests, Opened, StoreUnavailable, WrongPin
from bot.store.audit import RedisAudit
from bot.store.connect import connect
from bot.store.limits import SLICE, RedisLimits
from bot.store.links import RedisLinks
from bot.store.naming import Names
from bot.store.sealing import KeyRing
from bot.store.wrong_pins import RedisWrongPins
from bot.transcripts.app import Clock
from bot.wiring import System

NAMES = Names(KeyRing({"a": b"i" * 32}))
PEPPERS = KeyRing({"a": b"p" * 32})
ANA = "+13605550100"
NOW = 1_795_000_000.0
COUNTED = [name for name, limit in LIMITS.items() if not (limit.hourly or limit.fixed or name == "wrong_pins_in_a_row")]
WRONG_PINS = "wrong_pins_in_a_row"
OF_ONE_PHONE = "test_of_300_requests_of_one_phone_at_once_exactly_so_many_are_admitted_as_each_limit_allows"
RACES = {
    "lookups": OF_ONE_PHONE,
    "lookups_not_found": OF_ONE_PHONE,
    "lookups_elsewhere": OF_ONE_PHONE,
    "lookups_of_one_person": OF_ONE_PHONE,
    "guesses_at_one_person": "test_whoever_guesses_at_one_person_from_200_phones_hears_the_same_as_of_nobody",
    "links_to_a_contact": "test_of_200_links_that_one_phone_asks_for_at_once_six_go_to_one_contact",
    "links_to_a_contact_from_all": (
        "test_of_200_links_that_others_ask_for_at_once_sixty_go_to_one_contact_and_all_chats_read_the_same"
    ),
    "replies": "test_of_200_texts_of_one_phone_at_once_exactly_so_many_are_answered_as_are_allowed",
    "pin_tries": "test_of_200_wrong_pins_at_once_exactly_five_are_evaluated",
    "wrong_pins_in_a_row": "test_of_300_wrong_pins_at_once_on_60_links_of_one_record_exactly_100_are_looked_at",
    "openings_of_a_link": (
        "test_of_300_right_pins_of_one_link_at_once_from_as_many_addresses_exactly_so_many_are_looked_at_as_are_allowed"
    ),
    "page_posts": "test_of_300_pins_of_one_address_at_once_exactly_so_many_are_looked_at_as_are_allowed",
    "texts_with_pictures": "test_of_100_pictures_at_once_none_costs_more_than_there_is_money_for",
    "texts_with_new_people": "test_of_300_new_people_at_once_exactly_so_many_begin_as_there_is_money_for",
}


@dataclass(frozen=True)
class Limits:
    """As one process has them."""

    store: RedisLimits

    def take(self, limit: str, *per: str, cause: str = "", watches: bool = False) -> Admitted:
        return self.of(Ask(limit, USUAL[limit], per or (ANA,), watches), cause=cause)

    def of(self, *asks: Ask, cause: str = "", texts: int = 0, now: float = NOW) -> Admitted:
        return self.store.take(cause or secrets.token_hex(8), asks, texts=texts, now=now)


@pytest.fixture
def limits(system: System) -> Limits:
    return Limits(RedisLimits(system.client, NAMES))


def _audit(system: System) -> RedisAudit:
    assert isinstance(system.services.audit, RedisAudit)
    return system.services.audit


def _linked(system: System, wrong_pins: RedisWrongPins | None = None) -> RedisLinks:
    wrong_pins = wrong_pins or RedisWrongPins(system.client, NAMES)
    return RedisLinks(system.client, PEPPERS, wrong_pins, _audit(system))


def race(what: Callable[[int], bool], times: int = 400) -> int:
    """How many of so many at once pass."""
    with ThreadPoolExecutor(50) as pool:
        return sum(pool.map(what, range(times)))


@pytest.mark.parametrize("limit", COUNTED)
def test_of_400_at_once_exactly_as_many_pass_as_are_allowed(limit: str, limits: Limits) -> None:
    assert race(lambda _: not limits.take(limit).refused) == min(rule.most for rule in USUAL[limit])


@pytest.mark.parametrize("limit", LIMITS)
def test_each_limit_is_raced_on_the_road_on_which_residents_meet_it(limit: str) -> None:
    here = Path(__file__).parent
    tests = "".join(
        (here / name).read_text() for name in ("test_limits.py", "test_limits_for_residents.py", "test_links.py")
    )

    assert f"def {RACES[limit]}(" in tests


def test_of_400_with_two_limits_the_smaller_decides_and_the_larger_keeps_the_rest(limits: Limits) -> None:
    small, large = Ask("small", (Rule(3, DAY),), (ANA,)), Ask("large", (Rule(5, DAY),), (ANA,))

    assert race(lambda _: not limits.of(small, large).refused) == 3
    assert [limits.of(large).refused for _ in range(3)] == [False, False, True]


def test_the_day_and_the_month_both_hold(limits: Limits, system: System) -> None:
    for passed in (3, 2, 0):
        assert race(lambda _: not limits.take("lookups_not_found").refused, 50) == passed
        for key in system.client.scan_iter(f"vt:{{limits}}:lookups_not_found:{DAY}:*"):
            system.client.delete(key)  # the next day


def test_one_that_only_watches_refuses_nobody_and_says_so_after_its_number(limits: Limits) -> None:
    def is_silent(_: int) -> bool:
        admitted = limits.take("guesses_at_one_person", watches=True)
        assert not admitted.refused
        return not admitted.reached

    assert race(is_silent) == 10


def test_the_same_cause_counts_once_however_often_and_at_once_it_comes(limits: Limits) -> None:
    assert race(lambda _: not limits.take("lookups_not_found", cause="work-1").refused) == 400
    assert race(lambda _: not limits.take("lookups_not_found").refused) == 2


def test_another_phone_has_a_count_of_its_own(limits: Limits) -> None:
    race(lambda _: not limits.take("lookups_not_found").refused, 50)

    assert not limits.take("lookups_not_found", "+13605550101").refused


def test_what_is_given_back_may_be_taken_again_and_only_that(limits: Limits) -> None:
    ask = Ask("lookups_not_found", USUAL["lookups_not_found"], (ANA,))
    for cause in ("one", "two", "three"):
        limits.of(ask, cause=cause)

    limits.store.give_back("two", [ask])
    limits.store.give_back("two", [ask])
    limits.store.give_back("never counted", [ask])

    assert [limits.of(ask).refused for _ in range(2)] == [False, True]


def test_asking_again_and_again_makes_no_window_longer(limits: Limits, system: System) -> None:
    for _ in range(3):
        limits.take("lookups_not_found")
    (day,) = system.client.scan_iter(f"vt:{{limits}}:lookups_not_found:{DAY}:*")
    system.client.expire(day, 100)

    race(lambda _: not limits.take("lookups_not_found").refused, 200)

    assert 0 < system.client.ttl(day) <= 100
    assert system.client.scard(day) == 3


def test_who_is_refused_uses_up_nothing_of_others(limits: Limits) -> None:
    """One phone over its limit cannot fill the count of the person that it asks for."""
    mine, hers = Ask("lookups", (Rule(2, DAY),), (ANA,)), Ask("guesses_at_one_person", (Rule(10, DAY),), ("ben",), True)

    race(lambda _: not limits.of(mine, hers).refused)

    assert race(lambda _: not limits.of(hers).reached, 50) == 8


def test_when_the_window_ends_it_begins_anew(limits: Limits, system: System) -> None:
    ask = Ask("short", (Rule(1, 1),), (ANA,))
    assert [limits.of(ask).refused for _ in range(2)] == [False, True]

    (key,) = system.client.scan_iter("vt:{limits}:short:*")
    system.client.pexpire(key, 1)
    while system.client.exists(key):
        time.sleep(0.001)

    assert not limits.of(ask).refused


def test_who_is_refused_hears_how_long(limits: Limits) -> None:
    for _ in range(100):
        limits.take("page_posts", "203.0.113.7")

    admitted = limits.take("page_posts", "203.0.113.7")

    assert admitted.refused
    assert 590 < admitted.wait <= 600


def test_redis_holds_nobody_and_every_key_has_an_end(limits: Limits, system: System) -> None:
    for name in COUNTED:
        limits.of(Ask(name, USUAL[name], (ANA, "reyes", "1985-03-27", "ana@example.org")), cause="SM123", texts=1)
        race(lambda _, name=name: not limits.take(name).refused, 130)

    names = list(system.client.scan_iter("vt:{limits}:*"))
    held = repr([(name, system.client.type(name), _value(system.client, name)) for name in names])

    assert len(names) > 2 * len(COUNTED)
    assert [name for name in names if not 0 < system.client.ttl(name) <= 31 * DAY] == []
    assert [text for text in ("3605550100", "reyes", "1985-03", "ana@", "SM123") if text in held] == []


def test_all_keys_of_one_question_are_on_one_node_of_a_cluster(limits: Limits, system: System) -> None:
    for name in COUNTED:
        limits.of(Ask(name, USUAL[name], (ANA,)), texts=1)
    links = _linked(system)
    links.open(links.seal(b"{}", "4821", language="en", record="p1"), "0000")

    counted = [key for key in system.client.scan_iter("*") if b"limits" in key]

    assert all(key.startswith(b"vt:{limits}:") for key in counted)


def test_how_often_each_was_reached_is_counted_for_the_day(limits: Limits) -> None:
    race(lambda _: not limits.take("lookups_not_found").refused, 13)
    race(lambda _: not limits.take("page_posts", "203.0.113.7").refused, 105)
    limits.store.note("pin_tries", NOW)

    assert limits.store.reached(NOW) == {"lookups_not_found": 10, "page_posts": 5, "pin_tries": 1}
    assert limits.store.reached(NOW + DAY) == {}


@pytest.mark.parametrize("limit", COUNTED)
def test_what_was_counted_for_somebody_can_be_freed_and_nothing_else(limit: str, limits: Limits) -> None:
    hers, others = Ask(limit, USUAL[limit], (ANA,)), Ask(limit, USUAL[limit], ("+13605550101",))
    for ask in (hers, others):
        race(lambda _, ask=ask: not limits.of(ask).refused, 130)

    limits.store.free([hers])

    assert not limits.of(hers).refused
    assert limits.of(others).refused


def test_texts_of_400_at_once_are_counted_to_the_last_one(limits: Limits) -> None:
    ask = Ask("replies", (Rule(1000, HOUR),), (ANA,))

    assert race(lambda _: limits.of(ask, texts=1).texts <= 100) == 100
    assert limits.store.texts() == 400


def test_texts_end_an_hour_later_and_not_all_at_once(system: System) -> None:
    clock = Clock()
    limits = RedisLimits(system.client, NAMES, ahead=lambda: clock() - Clock.seconds)
    for _ in range(60):
        limits.take("", (), texts=10, now=NOW)
        clock.wait(60)

    counts = []
    for late in (0, 1, 5, 6):
        clock.wait(SLICE * late)
        counts.append(limits.texts())

    assert counts == sorted(counts, reverse=True)
    assert 500 <= counts[0] <= 600
    assert 200 <= counts[2] <= 350
    assert counts[3] == 0


def test_a_machine_whose_clock_is_wrong_changes_nothing_of_the_last_hour(limits: Limits) -> None:
    ask = Ask("replies", (Rule(1000, HOUR),), (ANA,))
    for wrong in (0, 2 * HOUR, -2 * HOUR, 365 * DAY):
        race(lambda _, wrong=wrong: not limits.of(ask, texts=1, now=NOW + wrong).refused, 50)

    assert limits.store.texts() == 200


def test_all_processes_that_read_one_file_have_moved_the_last_hour_alike(system: System, tmp_path: Path) -> None:
    moved = tmp_path / "ahead"
    web, worker = (RedisLimits(system.client, NAMES, lambda: ahead(moved)) for _ in range(2))
    web.take("", (), texts=10, now=NOW)
    before = worker.texts()

    moved.write_text(str(HOUR + SLICE))

    assert (before, worker.texts(), web.texts()) == (10, 0, 0)


def test_a_text_that_was_refused_or_came_twice_is_no_text_of_ours(limits: Limits) -> None:
    ask = Ask("replies", (Rule(2, HOUR),), (ANA,))

    for cause in ("one", "one", "two", "three", "three"):
        limits.of(ask, cause=cause, texts=1)

    assert limits.store.texts() == 2


def test_of_300_wrong_pins_at_once_on_60_links_of_one_record_exactly_100_are_looked_at(system: System) -> None:
    looked_at: list[str] = []

    class Watched(RedisLinks):
        def _ring(self, token: str, pin: str, salt: bytes) -> KeyRing:
            looked_at.append(pin)
            return KeyRing({"a": (pin.encode() * 8)[:32]})  # argon2id would take seconds of this test

    links = Watched(system.client, PEPPERS, RedisWrongPins(system.client, NAMES), _audit(system))
    tokens = [links.seal(b"{}", "4821", language="en", record="p1") for _ in range(60)]
    looked_at.clear()

    came_out = _at_once(links, [(tokens[n % 60], f"{n:04}") for n in range(300)])

    assert len(looked_at) == 100
    assert came_out.count("rests") == 200
    assert links.rests("p1")
    assert not links.rests("p2")


def test_a_right_pin_begins_the_row_anew(system: System) -> None:
    links = _links(system, Rule(4, DAY))
    token = links.seal(b"{}", "4821", language="en", record="p1")
    for _ in range(3):
        links.open(token, "0000")

    assert isinstance(links.open(token, "4821"), Opened)

    again = links.seal(b"{}", "4821", language="en", record="p1")
    assert [links.open(again, "0000") for _ in range(3)] == [WrongPin(4), WrongPin(3), WrongPin(2)]


def test_a_record_rests_for_a_day_and_not_longer_whoever_goes_on(system: System) -> None:
    links = _links(system, Rule(2, DAY * 30))
    token = links.seal(b"{}", "4821", language="en", record="p1")
    for _ in range(2):
        links.open(token, "0000")
    (key,) = system.client.scan_iter("vt:{limits}:wrong_pins_in_a_row:*")
    assert DAY - 60 < system.client.ttl(key) <= DAY
    system.client.expire(key, 100)

    for pin in ("0000", "4821", "0001"):
        with pytest.raises(LinkRests):
            links.open(token, pin)

    assert 0 < system.client.ttl(key) <= 100
    system.client.delete(key)  # the day is over
    assert isinstance(links.open(token, "4821"), Opened)  # what was refused cost no try


def test_links_of_others_and_of_nobody_are_not_touched(system: System) -> None:
    links = _links(system, Rule(1, DAY))
    hers, others, nobodys = (links.seal(b"{}", "4821", language="en", record=record) for record in ("p1", "p2", ""))
    links.open(hers, "0000")

    assert links.open(nobodys, "0000") == WrongPin(4)
    assert isinstance(links.open(others, "4821"), Opened)
    assert links.rests("p1")
    assert not links.rests("p2")


@pytest.mark.parametrize("limit", COUNTED)
def test_without_redis_nothing_passes(limit: str, tmp_path: Path) -> None:
    limits = Limits(RedisLimits(connect(f"unix://{tmp_path}/nobody.sock"), NAMES))

    with pytest.raises(StoreUnavailable):
        limits.take(limit)


def test_without_redis_no_pin_is_looked_at(tmp_path: Path, system: System) -> None:
    away = RedisWrongPins(connect(f"unix://{tmp_path}/nobody.sock"), NAMES)
    token = _linked(system).seal(b"{}", "4821", language="en", record="p1")

    with pytest.raises(StoreUnavailable):
        _linked(system, away).open(token, "4821")


def _links(system: System, rule: Rule) -> RedisLinks:
    return _linked(system, RedisWrongPins(system.client, NAMES, lambda: rule))


def _at_once(links: RedisLinks, tries: list[tuple[str, str]]) -> list[str]:
    def open_one(token_and_pin: tuple[str, str]) -> str:
        try:
            links.open(*token_and_pin)
        except LinkRests:
            return "rests"
        except LinkGone:
            return "gone"
        return "wrong"

    with ThreadPoolExecutor(50) as pool:
        return list(pool.map(open_one, tries))


def _value(client: redis.Redis, name: bytes) -> object:
    reads = {b"string": client.get, b"hash": client.hgetall, b"set": client.smembers}
    return reads[client.type(name)](name)
