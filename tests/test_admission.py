"""What is asked of the limits at each step: which of them, for whom, and how much a text, a picture or a link costs."""

from dataclasses import FrozenInstanceError

import pytest
from conftest import ANA
from limited import keys, with_limits
from structlog.testing import capture_logs

from bot.admitting import Admission, admit, give_back, person
from bot.conversation.session import Work
from bot.limiting import (
    admit_letter,
    admit_link,
    admit_picture,
    admit_text,
    count_message,
    count_silence,
    is_crowded,
    may_be_told,
)
from bot.limits.table import HOUR, Rule
from bot.ports import Admitted, Services
from bot.wiring import System

BEN, CLEO = "+13605550101", "+13605550102"
ONE, TWO = Rule(1, HOUR), Rule(2, HOUR)


def wanted(number: int, *, contact: str = ANA, name: str = "Ana") -> Work:
    answers = {"first_name": name, "last_name": "Reyes", "birth_date": "1985-03-27", "contact": contact}
    return Work(f"{number:024x}", "looking", "send_record", answers, "en", asked_at=0.0)


# Requests for a record


def test_who_is_under_every_limit_is_looked_for_and_hears_what_comes_out(services: Services) -> None:
    assert admit(services, wanted(1), ANA) == Admission(True, watched=False)
    assert services.limits.texts() == 1


@pytest.mark.parametrize(
    ("limit", "contact"),
    [
        ("lookups", ANA),
        ("lookups", BEN),
        ("lookups_not_found", ANA),
        ("lookups_elsewhere", BEN),
        ("lookups_of_one_person", ANA),
        ("lookups_of_one_person", BEN),
    ],
)
def test_who_is_over_one_is_not_looked_for(limit: str, contact: str, services: Services) -> None:
    services = with_limits(services, **{limit: ONE})
    admit(services, wanted(1, contact=contact), ANA)

    assert admit(services, wanted(1, contact=contact), ANA).allowed  # the same work once more
    assert admit(services, wanted(2, contact=contact), ANA) == Admission(False)
    assert services.limits.reached(services.now()) == {limit: 1}


def test_what_is_admitted_stays_so() -> None:
    admission = Admission(False)

    with pytest.raises(FrozenInstanceError):
        admission.allowed = True  # type: ignore[misc]


def test_each_kind_of_contact_has_its_own_count(services: Services) -> None:
    services = with_limits(services, lookups_not_found=ONE, lookups_elsewhere=ONE)
    admit(services, wanted(1), ANA)

    assert admit(services, wanted(2, contact=BEN), ANA).allowed


def test_of_somebody_who_is_guessed_at_each_phone_may_ask_once_for_itself_and_nobody_hears(services: Services) -> None:
    services = with_limits(services, guesses_at_one_person=TWO)
    for number, phone in enumerate((ANA, BEN)):
        assert not admit(services, wanted(number, contact=phone), phone).watched

    assert admit(services, wanted(2, contact=CLEO), CLEO) == Admission(True, watched=True)
    assert admit(services, wanted(3, contact=CLEO), CLEO) == Admission(False, watched=True)
    assert admit(services, wanted(4, contact=CLEO, name="Ben"), CLEO) == Admission(True)
    assert [admit(services, wanted(5 + n, contact=ANA), CLEO) for n in range(2)] == [Admission(True)] * 2


def test_what_found_nobody_in_vain_is_given_back_and_guesses_are_not(services: Services) -> None:
    services = with_limits(services, lookups_not_found=ONE, guesses_at_one_person=ONE)
    admit(services, wanted(1), ANA)

    give_back(services, wanted(1), ANA)

    assert admit(services, wanted(2), ANA) == Admission(True, watched=True)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("Ana-María", "de Reyes", ("ana", "reyes")),
        ("ANA M.", "Reyes", ("ana", "reyes")),
        ("Ana", "García Reyes", ("ana", "reyes")),
        ("", "", ("", "")),
    ],
)
def test_a_person_is_her_first_first_name_her_last_last_name_and_her_birth_date(
    first: str, last: str, expected: tuple[str, str]
) -> None:
    assert person(first, last, "1985-03-27") == (*expected, "1985-03-27")


# Texts, pictures and links


def test_a_text_counts_once_however_often_it_comes_and_one_without_a_sid_each_time(services: Services) -> None:
    services = with_limits(services, replies=TWO)

    assert [admit_text(services, ANA, "SM1").texts for _ in range(3)] == [1, 1, 1]
    assert [admit_text(services, ANA, "").refused for _ in range(2)] == [False, True]
    assert services.limits.texts() == 2


def test_silence_costs_nothing(services: Services) -> None:
    for number in range(3):
        admit_text(services, ANA, f"SM{number}")

    count_silence(services)

    assert services.limits.texts() == 2


def test_a_limit_that_is_reached_is_logged_by_its_name(services: Services) -> None:
    services = with_limits(services, replies=ONE)
    admit_text(services, ANA, "SM1")

    with capture_logs() as logged:
        admit_text(services, ANA, "SM2")

    assert logged == [{"event": "limit_reached", "limit": "replies", "log_level": "warning"}]


def test_an_hour_is_crowded_once_more_texts_are_sent_than_there_is_money_for(services: Services) -> None:
    services = with_limits(services, texts_with_new_people=Rule(5, HOUR))

    crowded = [is_crowded(services, Admitted(frozenset(), False, 0, texts)) for texts in (4, 5, 6)]

    assert crowded == [False, False, True]


def test_to_come_back_later_is_said_once_an_hour(services: Services, system: System) -> None:
    assert [may_be_told(services, ANA, sid) for sid in ("SM1", "SM1", "SM2")] == [True, True, False]
    assert may_be_told(services, BEN, "SM3")

    assert len(keys(system, "told_to_come_back:3600")) == 2
    assert services.limits.reached(services.now())["texts_with_new_people"] == 4


def test_a_picture_costs_two_texts_more_and_comes_as_long_as_there_is_money_for_it(services: Services) -> None:
    services = with_limits(services, texts_with_pictures=Rule(5, HOUR))
    admit_text(services, ANA, "SM1")

    assert [(admit_picture(services), services.limits.texts()) for _ in range(3)] == [(True, 3), (True, 5), (False, 7)]
    assert services.limits.reached(services.now()) == {"texts_with_pictures": 1}


def test_a_link_to_a_contact_costs_a_text_and_has_a_count_by_phone_and_one_from_all(services: Services) -> None:
    services = with_limits(services, links_to_a_contact=TWO, links_to_a_contact_from_all=Rule(3, HOUR))

    assert [admit_link(services, CLEO, ANA, work) for work in ("1", "1", "2", "3")] == [True, True, True, False]
    assert [admit_link(services, CLEO, BEN, work) for work in ("4", "5")] == [True, False]
    assert services.limits.texts() == 3


def test_a_letter_in_place_of_a_phone_counts_once_for_its_email_and_costs_no_text(services: Services) -> None:
    services = with_limits(services, links_to_a_contact_from_all=Rule(3, HOUR))

    assert admit_link(services, "ana@example.org", BEN, "1")
    letters = [admit_letter(services, "ana@example.org", work) for work in ("2", "2", "3", "4")]
    assert letters == [True, True, True, False]
    assert not admit_link(services, "ana@example.org", BEN, "5")
    assert services.limits.texts() == 1


def test_a_message_that_nothing_stops_is_counted_all_the_same(services: Services) -> None:
    count_message(services)
    assert services.limits.texts() == 1

    count_message(services, picture=True)
    assert services.limits.texts() == 4
