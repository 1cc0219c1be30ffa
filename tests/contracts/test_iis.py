"""What every IIS promises, whatever it is made of."""

import os
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest

from bot.iis.demo_people import demo_people, seed
from bot.iis.sql import SqlIIS
from bot.records import Demographics

ANA = Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")
PRIYA = Demographics("Priya", "Natarajan", date(1994, 4, 17), "priya.natarajan@example.org")
MIA = Demographics("Mia", "Thompson", date(2015, 5, 9), "+13605550105")
LINH = Demographics("Linh", "Nguyen", date(1999, 1, 15), "+13605550106")


@pytest.fixture(params=["sqlite", "postgresql"])
def iis(request, tmp_path):
    """An IIS that holds the demo people."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/iis.db" if sqlite else request.getfixturevalue("postgres_url")
    seed(url)
    iis = SqlIIS(url)
    yield iis
    iis.close()


def test_a_person_is_found_by_name_birth_date_and_phone(iis):
    record = iis.find(ANA)

    assert record.name == "Ana Reyes"
    assert [(dose.cvx, dose.lot, dose.mvx) for dose in record.immunizations] == [
        ("208", "EW0162", "PFR"),
        ("208", "EW0175", "PFR"),
    ]


def test_a_person_is_found_by_email(iis):
    assert iis.find(PRIYA).emails == {PRIYA.contact}


@pytest.mark.parametrize("person", demo_people(), ids=lambda person: person.key)
def test_a_record_comes_back_whole_for_everyone_who_can_be_told_apart(iis, person):
    record = person.record
    who = Demographics(" ".join(record.given), record.family, record.birth_date, person.contact_hint)

    expected = None if person.key.startswith("linh") else record
    assert iis.find(who) == expected


@pytest.mark.parametrize(
    "who",
    [
        replace(ANA, contact="+13605550199"),
        replace(ANA, birth_date=date(1985, 3, 28)),
        replace(ANA, first_name="Rosa"),
        replace(ANA, first_name="' OR 1=1 --"),
        LINH,
    ],
    ids=["another phone", "another birth date", "another name", "SQL for a name", "two of the same name"],
)
def test_nobody_is_found_for(iis, who):
    assert iis.find(who) is None


def test_twins_on_one_phone_are_told_apart(iis):
    mia, lia = iis.find(MIA), iis.find(replace(MIA, first_name="Lia"))

    assert (mia.given, lia.given) == (("Mia",), ("Lia",))
    assert iis.find(replace(MIA, first_name="Nia")) is None


def test_asking_twice_gives_the_same_answer(iis):
    assert iis.find(ANA) == iis.find(ANA)


def test_a_registry_that_is_there_answers_a_ping(iis):
    iis.ping()


def test_many_threads_may_ask_at_once(iis):
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(iis.find, [ANA, MIA, LINH, PRIYA] * 25))

    assert [answer and answer.given[0] for answer in answers] == ["Ana", "Mia", None, "Priya"] * 25


def test_parent_and_child_both_go_on_asking_after_a_fork(iis):
    iis.find(ANA)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 on forking with threads about
        child = os.fork()
    if not child:
        os._exit(0 if _finds_ana(iis) else 1)

    assert all(iis.find(ANA) for _ in range(50))
    assert os.waitpid(child, 0)[1] == 0


def _finds_ana(iis):
    try:
        return all(iis.find(ANA) for _ in range(50))
    except BaseException as error:  # noqa: BLE001 (a child must never run on as a second pytest)
        sys.stderr.write(repr(error))
        return False
