"""What every IIS promises, whatever it is made of."""

import os
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest
from fakes.fhir_oauth import FakeOAuth
from fakes.fhir_server import FhirServer
from fakes.soap_iis import SoapIis
from joserfc.jwk import ECKey

from bot.iis.demo_people import demo_people, seed
from bot.iis.opening import open_dialect
from bot.iis.resilient import Patience, ResilientIIS
from bot.iis.sql.engine import writer
from bot.iis.sql.replica import save_people
from bot.records import Demographics, PersonName, VaccineRecord

ANA = Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")
PRIYA = Demographics("Priya", "Natarajan", date(1994, 4, 17), "priya.natarajan@example.org")
MIA = Demographics("Mia", "Thompson", date(2015, 5, 9), "+13605550105")
LINH = Demographics("Linh", "Nguyen", date(1999, 1, 15), "+13605550106")
PAULA = Demographics("Paula", "Prentiss", date(1971, 2, 3), "+13605550131")
DON = Demographics("Donald", "Lindqvist", date(1945, 3, 27), "+13605550142")


def _record(id, who, **more):
    return VaccineRecord(id, who.last_name, (who.first_name,), who.birth_date, phones=frozenset({who.contact}), **more)


MAIDEN = PersonName("Benjamin", ("Paula",))
OTHERS = [
    _record("paula", PAULA, other_names=(MAIDEN,)),
    _record("don", DON, died=True),
    _record("rosa", replace(DON, first_name="Rosamund")),
]


@contextmanager
def registry(kind, request, folder):
    """The URL of a registry that holds the demo people, and the key that it wants."""
    people = [person.record for person in demo_people()] + OTHERS
    match kind:
        case "sqlite" | "postgresql":
            url = f"sqlite:///{folder}/iis.db" if kind == "sqlite" else request.getfixturevalue("postgres_url")
            seed(url)
            with writer(url) as engine, engine.begin() as connection:
                save_people(connection, OTHERS)
            yield url, None
        case "hl7":
            with SoapIis(people) as server:
                yield server.url, None
        case "fhir-match" | "fhir-search":
            with FhirServer(people, mode=kind.removeprefix("fhir-")) as server:
                yield server.url, None
        case "fhir-oauth":
            key = ECKey.generate_key("P-384")
            oauth = FakeOAuth("vaxtext", keys={"keys": [key.as_dict(private=False)]})
            with FhirServer(people, oauth=oauth) as server:
                yield server.url, key.as_pem(private=True)


@pytest.fixture(params=["sqlite", "postgresql", "hl7", "fhir-match", "fhir-search", "fhir-oauth"])
def iis(request, tmp_path):
    """An IIS of each dialect, as the worker asks it."""
    with registry(request.param, request, tmp_path) as (url, private_key):
        iis = ResilientIIS(open_dialect(url, timeout=10, private_key=private_key), Patience(timeout=10))
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


@pytest.mark.parametrize(
    ("first", "last"),
    [("Paula", "Prentiss"), ("Paula", "Benjamin"), ("benjamin", "PAULA")],
    ids=["official", "maiden", "maiden, swapped"],
)
def test_a_person_is_found_by_any_of_her_names_and_shown_by_the_official_one(iis, first, last):
    record = iis.find(replace(PAULA, first_name=first, last_name=last))

    assert (record.name, record.other_names) == ("Paula Prentiss", (MAIDEN,))


def test_the_record_of_somebody_who_died_goes_to_nobody(iis):
    assert iis.find(DON) is None
    assert iis.find(replace(DON, first_name="Rosamund")).patient_id == "rosa"


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
