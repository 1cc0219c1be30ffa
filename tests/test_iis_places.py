"""The first question of a process goes alone; once the registry answered, as many go as there are places."""

from contextlib import ExitStack, suppress

import pytest

from bot.iis.breaker import LeftInPeace
from bot.iis.places import Places
from bot.ports import IISRejected, IISUnavailable


@pytest.fixture
def places() -> Places:
    return Places(3, patience=0.02)


def ask(places: Places, outcome: Exception | None) -> None:
    with suppress(IISUnavailable, IISRejected), places.question():
        if outcome:
            raise outcome


def room(places: Places) -> tuple[int, str]:
    """How many questions can be under way, and what the next one hears."""
    with ExitStack() as under_way:
        for count in range(9):
            try:
                under_way.enter_context(places.one())
            except IISUnavailable as error:
                return count, str(error)
    pytest.fail("there is no end of places")


@pytest.mark.parametrize(
    "outcome", [IISUnavailable("away"), LeftInPeace("wrong password")], ids=["no answer", "a refusal of us"]
)
def test_until_the_registry_answered_one_question_is_asked_at_a_time(places: Places, outcome: Exception) -> None:
    assert room(places) == (1, "the first question of this process is still under way")

    ask(places, outcome)

    assert room(places)[0] == 1


@pytest.mark.parametrize("outcome", [None, IISRejected("strange")], ids=["an answer", "a refused question"])
def test_once_it_answered_all_places_are_open_and_no_more(places: Places, outcome: Exception | None) -> None:
    for _ in range(3):
        ask(places, outcome)

    assert room(places) == (3, "all 3 places of this process were taken")


def test_a_ping_opens_nothing_for_it_may_need_no_password(places: Places) -> None:
    with places.one():
        pass

    assert room(places)[0] == 1
