"""A registry that fails is tried again a little, then left in peace; nobody waits for ever."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier, Event, Lock

import pytest
from fakes.until import until

from bot.iis.breaker import Limit, State
from bot.iis.resilient import Patience, ResilientIIS
from bot.ports import IISRejected, IISUnavailable
from bot.records import Demographics

ANA = Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")
QUICK = Patience(timeout=2, tries=3, places=2, failures=Limit(5, rest=0.5))


class Registry:
    """Answers with what it was told to, one answer after the other; then with None."""

    def __init__(self, *answers):
        self.answers, self.asked, self.closed = list(answers), 0, False

    def find(self, who):
        return self._answer()

    def ping(self):
        self._answer()

    def close(self):
        self.closed = True

    def _answer(self):
        self.asked += 1
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_registry_that_stumbles_is_asked_again():
    registry = Registry(IISUnavailable("once"), IISUnavailable("twice"), None)

    assert ResilientIIS(registry, QUICK).find(ANA) is None
    assert registry.asked == 3


def test_it_is_not_asked_for_ever():
    registry = Registry(*[IISUnavailable("away")] * 10)

    with pytest.raises(IISUnavailable, match="away"):
        ResilientIIS(registry, QUICK).find(ANA)

    assert registry.asked == 3


def test_what_it_refused_is_not_asked_again():
    registry = Registry(IISRejected("no such facility"))

    with pytest.raises(IISRejected, match="no such facility"):
        ResilientIIS(registry, QUICK).find(ANA)

    assert registry.asked == 1


def test_a_registry_that_says_when_to_come_back_is_not_asked_before():
    registry = Registry(IISUnavailable("busy", retry_after=0.3), None)
    began = time.monotonic()

    assert ResilientIIS(registry, QUICK).find(ANA) is None
    assert time.monotonic() - began >= 0.3
    assert registry.asked == 2


def test_one_that_wants_more_time_than_there_is_keeps_nobody_waiting():
    registry = Registry(IISUnavailable("once"), IISUnavailable("busy", retry_after=30))
    began = time.monotonic()

    with pytest.raises(IISUnavailable, match="busy") as raised:
        ResilientIIS(registry, QUICK).find(ANA)

    assert raised.value.retry_after == 30
    assert registry.asked == 2
    assert time.monotonic() - began < 15


def test_when_a_registry_wants_peace_nobody_else_asks_either():
    registry = Registry(IISUnavailable("busy", retry_after=300))
    iis = ResilientIIS(registry, QUICK)

    heard = []
    for _ in range(10):
        with pytest.raises(IISUnavailable, match="busy") as raised:
            iis.find(ANA)
        heard.append(round(raised.value.retry_after))

    assert registry.asked == 1
    assert heard == [300] * 10


def test_after_many_failures_it_rests_and_then_is_asked_again():
    registry = Registry(*[IISUnavailable("away")] * 5)
    iis = ResilientIIS(registry, QUICK)
    for _ in range(2):
        with pytest.raises(IISUnavailable):
            iis.find(ANA)

    with pytest.raises(IISUnavailable, match=r"left in peace for .* more: away") as raised:
        iis.find(ANA)
    assert 0 < raised.value.retry_after <= 0.5

    assert (registry.asked, iis.state) == (5, State.OPEN)
    until(lambda: is_answered(iis))
    assert (registry.asked, iis.state) == (6, State.CLOSED)


def is_answered(iis):
    try:
        iis.find(ANA)
    except IISUnavailable:
        return False
    return True


def test_a_registry_that_is_still_away_after_its_rest_is_asked_once():
    registry = Registry(*[IISUnavailable("away")] * 6)
    iis = ResilientIIS(registry, QUICK)
    for _ in range(2):
        with pytest.raises(IISUnavailable):
            iis.find(ANA)

    until(lambda: is_answered(iis) or registry.asked == 6)

    assert (registry.asked, iis.state) == (6, State.OPEN)


def test_a_refusal_of_one_persons_question_is_an_answer_and_no_reason_to_rest():
    registry = Registry(*[IISUnavailable("away"), IISRejected("strange")] * 20)
    iis = ResilientIIS(registry, QUICK)

    for _ in range(20):
        with pytest.raises(IISRejected):
            iis.find(ANA)

    assert iis.state is State.CLOSED


def test_a_ping_is_one_try_even_while_the_registry_rests():
    registry = Registry(*[IISUnavailable("away")] * 9)
    iis = ResilientIIS(registry, QUICK)
    for _ in range(2):
        with pytest.raises(IISUnavailable):
            iis.find(ANA)

    with pytest.raises(IISUnavailable, match="away"):
        iis.ping()

    assert registry.asked == 6


class Slow(Registry):
    """Holds every question until it is let go."""

    def __init__(self):
        super().__init__()
        self.go, self.most, self.now, self.lock = Event(), 0, 0, Lock()

    def find(self, who):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.go.wait(10)
        with self.lock:
            self.now -= 1


def answered_once(registry, patience):
    """As a process asks whose first question was answered."""
    iis = ResilientIIS(registry, patience)
    registry.go.set()
    iis.find(ANA)
    registry.go.clear()
    return iis


def test_questions_go_side_by_side_but_never_more_than_there_are_places():
    registry = Slow()
    iis = answered_once(registry, Patience(timeout=10, places=3))
    with ThreadPoolExecutor(9) as threads:
        answers = [threads.submit(iis.find, ANA) for _ in range(9)]
        until(lambda: registry.now == 3)
        registry.go.set()

        assert [answer.result() for answer in answers] == [None] * 9
    assert registry.most == 3


def test_who_finds_no_place_in_time_is_told_so():
    registry = Slow()
    iis = answered_once(registry, Patience(timeout=0.05, tries=1, places=1))
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(iis.find, ANA)
        until(lambda: registry.now == 1)

        with pytest.raises(IISUnavailable, match="all 1 places"):
            iis.find(ANA)

        registry.go.set()
        assert first.result() is None


def test_many_threads_may_fail_at_once():
    iis = ResilientIIS(Registry(*[IISUnavailable("away")] * 100), Patience(timeout=0.2, failures=Limit(5, rest=60)))
    together = Barrier(8)

    def ask():
        together.wait()
        with pytest.raises(IISUnavailable):
            iis.find(ANA)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: ask(), range(8)))

    assert iis.state is State.OPEN


def test_no_try_begins_after_twice_the_time_out():
    class Late(Registry):
        def find(self, who):
            self.asked += 1
            deadline = time.monotonic() + 0.06
            until(lambda: time.monotonic() > deadline)
            raise IISUnavailable("late")

    registry = Late()

    with pytest.raises(IISUnavailable, match="late"):
        ResilientIIS(registry, Patience(timeout=0.02, tries=50)).find(ANA)

    assert registry.asked < 5


def test_closing_closes_the_dialect():
    registry = Registry()

    ResilientIIS(registry, QUICK).close()

    assert registry.closed
