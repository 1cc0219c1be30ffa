"""A registry that fails or refuses is left in peace, then tried by one question alone; each turn is logged once."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from threading import Barrier, Event

import pytest
from structlog.testing import capture_logs

from bot.iis.breaker import LONGEST_PROBE, Breaker, Limit, State
from bot.ports import IISRefusesUs, IISRejected, IISUnavailable

AWAY, REFUSED, STRANGE = IISUnavailable("it is away"), IISRefusesUs("wrong password"), IISRejected("strange question")
FAILURES, REFUSALS = Limit(3, rest=15), Limit(2, rest=600)


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(FAILURES, REFUSALS, clock)


def ask(breaker: Breaker, *outcomes: BaseException | None) -> None:
    """One question after the other, each with its outcome."""
    for outcome in outcomes:
        with suppress(IISUnavailable, type(outcome) if outcome else ()), breaker.question():
            if outcome:
                raise outcome


def told(breaker: Breaker) -> str:
    """What a question hears that is not asked."""
    with pytest.raises(IISUnavailable) as raised, breaker.question():
        pytest.fail("it was asked")
    return str(raised.value)


def test_after_failures_in_a_row_nobody_asks_until_the_rest_is_over(breaker: Breaker, clock: Clock) -> None:
    ask(breaker, AWAY, AWAY)
    assert breaker.state is State.CLOSED
    ask(breaker, AWAY)

    assert breaker.state is State.OPEN
    assert told(breaker) == "the registry is left in peace for 15 s more: it is away"
    clock.now += 15
    ask(breaker, None)
    assert breaker.state is State.CLOSED


@pytest.mark.parametrize("answer", [None, STRANGE], ids=["an answer", "a refusal of one person's question"])
def test_an_answer_ends_the_row(breaker: Breaker, answer: BaseException | None) -> None:
    ask(breaker, *[AWAY, AWAY, answer] * 5, *[REFUSED, answer] * 5)

    assert breaker.state is State.CLOSED


def test_refusals_of_one_persons_question_never_close_the_registry_to_everybody(breaker: Breaker) -> None:
    ask(breaker, *[STRANGE] * 100)

    assert breaker.state is State.CLOSED


def test_after_refusals_in_a_row_it_rests_for_long_so_that_no_account_is_locked(breaker: Breaker, clock: Clock) -> None:
    ask(breaker, REFUSED, REFUSED)

    assert told(breaker) == "the registry is left in peace for 600 s more: wrong password"
    tries = 0
    for _ in range(60):
        clock.now += 60
        with suppress(IISUnavailable), breaker.question():
            tries += 1
            raise REFUSED
    assert tries == 6


def test_a_refusal_that_begins_a_rest_keeps_the_request_like_those_after_it(breaker: Breaker) -> None:
    with pytest.raises(IISRefusesUs), breaker.question():
        raise REFUSED
    with pytest.raises(IISUnavailable, match="wrong password"), breaker.question():
        raise REFUSED


def test_a_failure_in_between_does_not_make_a_refusal_good(breaker: Breaker) -> None:
    ask(breaker, REFUSED, AWAY, REFUSED)

    assert breaker.state is State.OPEN


@pytest.mark.parametrize(
    ("outcome", "rest"),
    [(AWAY, 15), (REFUSED, 600), (KeyError("a bug"), 15), (KeyboardInterrupt(), 15)],
    ids=["away", "refused", "a bug", "the end of the process"],
)
def test_a_probe_that_fails_begins_another_rest(
    breaker: Breaker, clock: Clock, outcome: BaseException, rest: int
) -> None:
    ask(breaker, AWAY, AWAY, AWAY)
    clock.now += 15

    ask(breaker, outcome)

    assert breaker.state is State.OPEN
    assert f"for {rest} s more" in told(breaker)


def test_a_bug_of_ours_says_nothing_of_the_registry(breaker: Breaker) -> None:
    ask(breaker, *[KeyError("a bug")] * 20)

    assert breaker.state is State.CLOSED


def test_after_the_rest_one_thread_of_eight_asks_and_the_others_are_told(breaker: Breaker, clock: Clock) -> None:
    ask(breaker, AWAY, AWAY, AWAY)
    clock.now += 15
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
    with suppress(IISUnavailable, IISRefusesUs), breaker.question():
        ask(breaker, AWAY, AWAY, AWAY)
        clock.now += 5
        if outcome:
            raise outcome

    assert breaker.state is State.OPEN
    assert told(breaker) == "the registry is left in peace for 10 s more: it is away"


def test_a_probe_whose_thread_was_killed_keeps_nobody_away_for_ever(breaker: Breaker, clock: Clock) -> None:
    ask(breaker, AWAY, AWAY, AWAY)
    clock.now += 15
    lost = breaker.question()
    lost.__enter__()
    assert "another question tries" in told(breaker)

    clock.now += LONGEST_PROBE
    ask(breaker, None)

    assert breaker.state is State.CLOSED
    lost.__exit__(None, None, None)


def test_each_turn_is_logged_once_with_its_reason(breaker: Breaker, clock: Clock) -> None:
    with capture_logs() as logs:
        ask(breaker, *[AWAY] * 3)
        told(breaker)
        clock.now += 15
        ask(breaker, AWAY)
        told(breaker)
        clock.now += 15
        ask(breaker, None, None, REFUSED, REFUSED)

    rests = {"event": "registry_rests", "log_level": "warning", "seconds": 15, "reason": "it is away"}
    probed = {"event": "registry_probed", "log_level": "info"}
    assert logs == [
        rests,
        probed,
        rests,
        probed,
        {"event": "registry_back", "log_level": "info"},
        rests | {"seconds": 600, "reason": "wrong password"},
    ]


def test_the_turns_of_eight_threads_at_random_follow_on_one_another() -> None:
    clock = Clock()
    breaker = Breaker(Limit(2, rest=1), Limit(2, rest=5), clock)

    def thread(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(300):
            clock.now += chance.random() / 4
            ask(breaker, chance.choice([AWAY, REFUSED, STRANGE, None]))

    with capture_logs() as logs, ThreadPoolExecutor(8) as threads:
        list(threads.map(thread, range(8)))

    turns = [log["event"].removeprefix("registry_") for log in logs]
    assert set(pairwise(turns)) == {("rests", "probed"), ("probed", "rests"), ("probed", "back"), ("back", "rests")}
