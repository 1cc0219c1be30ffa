"""A registry that fails, or asks for peace, is left in peace, then tried by one question; each turn is logged once."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from threading import Barrier, Event

import pytest
from conftest import Clock
from structlog.testing import capture_logs

from bot.iis.breaker import LONGEST_PROBE, LONGEST_REST, Breaker, LeftInPeace, Limit, State
from bot.ports import IISRefusesUs, IISRejected, IISUnavailable

AWAY, REFUSED, STRANGE = IISUnavailable("it is away"), IISRefusesUs("wrong password"), IISRejected("strange question")
FAILURES = Limit(3, rest=15)


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(FAILURES, clock)


def ask(breaker: Breaker, *outcomes: BaseException | None) -> None:
    """One question after the other, each with its outcome."""
    for outcome in outcomes:
        with suppress(IISUnavailable, type(outcome) if outcome else ()), breaker.question():
            if outcome:
                raise outcome


def busy(seconds: float) -> IISUnavailable:
    """The registry says itself for how long it wants peace."""
    return IISUnavailable("it is busy", retry_after=seconds)


def turned_away(breaker: Breaker) -> LeftInPeace:
    """What a question meets that is not asked."""
    with pytest.raises(LeftInPeace) as raised, breaker.question():
        pytest.fail("it was asked")
    return raised.value


def told(breaker: Breaker) -> str:
    return str(turned_away(breaker))


def test_after_failures_in_a_row_nobody_asks_until_the_rest_is_over(breaker: Breaker, clock: Clock) -> None:
    ask(breaker, AWAY, AWAY)
    assert breaker.state is State.CLOSED
    ask(breaker, AWAY)

    assert breaker.state is State.OPEN
    assert told(breaker) == "the registry is left in peace for 15 s more: it is away"
    clock.wait(15)
    ask(breaker, None)
    assert breaker.state is State.CLOSED


def test_who_is_turned_away_hears_in_how_many_seconds_the_rest_is_over(breaker: Breaker, clock: Clock) -> None:
    ask(breaker, AWAY, AWAY, AWAY)
    clock.wait(4)

    assert turned_away(breaker).retry_after == 11


@pytest.mark.parametrize("answer", [None, STRANGE, REFUSED], ids=["an answer", "a refused question", "a refusal of us"])
def test_whatever_the_registry_says_ends_the_row(breaker: Breaker, answer: BaseException | None) -> None:
    ask(breaker, *[AWAY, AWAY, answer] * 5, *[answer] * 100)

    assert breaker.state is State.CLOSED


def test_a_registry_that_wants_peace_gets_it_from_everybody_and_at_once(breaker: Breaker, clock: Clock) -> None:
    ask(breaker, busy(300))

    for _ in range(9):
        assert told(breaker) == "the registry is left in peace for 300 s more: it is busy"
    clock.wait(299)
    assert turned_away(breaker).retry_after == 1
    clock.wait(1)
    ask(breaker, None)
    assert breaker.state is State.CLOSED


@pytest.mark.parametrize("failures", [[AWAY, AWAY], [AWAY, AWAY, AWAY]], ids=["the last of a row", "the probe"])
@pytest.mark.parametrize(("asked_for", "rest"), [(300, 300), (2, 15), (0, 15)])
def test_its_rest_is_as_long_as_it_wants_and_never_shorter_than_ours(
    breaker: Breaker, clock: Clock, failures: list[BaseException], asked_for: float, rest: float
) -> None:
    ask(breaker, *failures)
    clock.wait(15)

    ask(breaker, busy(asked_for))

    assert turned_away(breaker).retry_after == rest


def test_a_registry_that_wants_peace_for_a_day_is_asked_after_ten_minutes(breaker: Breaker) -> None:
    ask(breaker, busy(86_400))

    assert turned_away(breaker).retry_after == LONGEST_REST == 600


def test_who_asked_before_the_rest_and_hears_of_a_longer_one_prolongs_it(breaker: Breaker, clock: Clock) -> None:
    with capture_logs() as logs, suppress(IISUnavailable), breaker.question():
        with suppress(IISUnavailable), breaker.question():
            with suppress(IISUnavailable), breaker.question():
                ask(breaker, busy(20))
                raise busy(20)  # as those heard that were under way with it
            raise busy(300)
        raise busy(100)

    assert turned_away(breaker).retry_after == 300
    assert [log["seconds"] for log in logs] == [20, 300]


@pytest.mark.parametrize(
    "outcome", [AWAY, KeyError("a bug"), KeyboardInterrupt()], ids=["away", "a bug", "the end of the process"]
)
def test_a_probe_that_fails_begins_another_rest(breaker: Breaker, clock: Clock, outcome: BaseException) -> None:
    ask(breaker, AWAY, AWAY, AWAY)
    clock.wait(15)

    ask(breaker, outcome)

    assert breaker.state is State.OPEN
    assert "for 15 s more" in told(breaker)


def test_a_bug_of_ours_says_nothing_of_the_registry(breaker: Breaker) -> None:
    ask(breaker, *[KeyError("a bug")] * 20)

    assert breaker.state is State.CLOSED


def test_after_the_rest_one_thread_of_eight_asks_and_the_others_are_told(breaker: Breaker, clock: Clock) -> None:
    ask(breaker, AWAY, AWAY, AWAY)
    clock.wait(15)
    together, seven_were_told = Barrier(8), Event()
    asked, heard = [], []

    def question(_: int) -> None:
        together.wait()
        try:
            with breaker.question():
                asked.append(breaker.state)
                seven_were_told.wait(10)
        except IISUnavailable as error:
            heard.append(str(error))
            if len(heard) == 7:
                seven_were_told.set()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(question, range(8)))

    assert asked == [State.HALF_OPEN]
    assert heard == ["another question tries whether the registry is back: it is away"] * 7
    assert breaker.state is State.CLOSED


@pytest.mark.parametrize("outcome", [None, AWAY, REFUSED], ids=["answer", "failure", "refusal"])
def test_what_began_before_a_turn_is_old_news(breaker: Breaker, clock: Clock, outcome: BaseException | None) -> None:
    with suppress(IISUnavailable, IISRejected), breaker.question():
        ask(breaker, AWAY, AWAY, AWAY)
        clock.wait(5)
        if outcome:
            raise outcome

    assert breaker.state is State.OPEN
    assert told(breaker) == "the registry is left in peace for 10 s more: it is away"


def test_a_probe_whose_thread_was_killed_keeps_nobody_away_for_ever(breaker: Breaker, clock: Clock) -> None:
    ask(breaker, AWAY, AWAY, AWAY)
    clock.wait(15)
    lost = breaker.question()
    lost.__enter__()
    assert "another question tries" in told(breaker)

    clock.wait(LONGEST_PROBE)
    ask(breaker, None)

    assert breaker.state is State.CLOSED
    lost.__exit__(None, None, None)


def test_each_turn_is_logged_once_with_its_reason(breaker: Breaker, clock: Clock) -> None:
    with capture_logs() as logs:
        ask(breaker, *[AWAY] * 3)
        told(breaker)
        clock.wait(15)
        ask(breaker, AWAY)
        told(breaker)
        clock.wait(15)
        ask(breaker, None, None, busy(300))

    rests = {"event": "registry_rests", "log_level": "warning", "seconds": 15, "reason": "it is away"}
    probed = {"event": "registry_probed", "log_level": "info"}
    assert logs == [
        rests,
        probed,
        rests,
        probed,
        {"event": "registry_back", "log_level": "info"},
        rests | {"seconds": 300, "reason": "it is busy"},
    ]


def test_the_turns_of_eight_threads_at_random_follow_on_one_another() -> None:
    clock = Clock()
    breaker = Breaker(Limit(2, rest=1), clock)

    def thread(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(300):
            clock.wait(chance.random() / 4)
            ask(breaker, chance.choice([AWAY, AWAY, STRANGE, None]))

    with capture_logs() as logs, ThreadPoolExecutor(8) as threads:
        list(threads.map(thread, range(8)))

    turns = [log["event"].removeprefix("registry_") for log in logs]
    assert set(pairwise(turns)) == {("rests", "probed"), ("probed", "rests"), ("probed", "back"), ("back", "rests")}
