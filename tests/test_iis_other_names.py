"""A registry that compares names letter by letter is asked again by the names that our matching would forgive."""

from datetime import date

import pytest
from fakes.fhir_server import FhirServer
from fakes.soap_iis import SoapIis

from bot.iis.opening import Dialect, open_dialect
from bot.iis.other_names import other_names
from bot.records import Demographics, VaccineRecord

BORN, PHONE = date(1985, 3, 27), "+13605550100"


def held(patient_id: str, given: str, family: str, born: date = BORN, phone: str = PHONE) -> VaccineRecord:
    return VaccineRecord(patient_id, family, (given,), born, phones=frozenset({phone}))


PEOPLE = [
    held("1", "Ana", "Reyes"),
    held("2", "ROBERT", "HAYES", date(1952, 10, 10)),
    held("3", "JOSE", "MUNOZ", date(1990, 12, 2)),
    held("4", "Ana", "Torres", date(2001, 1, 1), "+13605550177"),
]


def asking(first: str, last: str, born: date = BORN) -> Demographics:
    return Demographics(first, last, born, PHONE)


@pytest.mark.parametrize(
    ("typed", "others"),
    [
        (("Ana", "Reyes"), ["Reyes Ana"]),
        (("José", "Muñoz"), ["Jose Munoz", "Munoz Jose"]),
        (("Bob", "Hayes"), ["Robert Hayes", "Hayes Bob"]),
        (("hayes", "bob"), ["bob hayes", "Robert hayes"]),
        (("José", "Muñoz-Peña"), ["Jose Munoz-Pena", "Jose Munoz", "Jose Pena"]),
        (("Luz", "de la Cruz"), ["de la Cruz Luz"]),
        (("Chris", "O'Brien Jr."), ["O'Brien Jr. Chris"]),
        (("小明", "王"), ["王 小明"]),
        (("Ana", ""), []),
        (("Ana", "ANA"), []),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_the_other_names_are_those_that_our_matching_forgives(typed: tuple[str, str], others: list[str]) -> None:
    named = list(other_names(asking(*typed)))

    assert [f"{who.first_name} {who.last_name}" for who in named] == others
    assert all((who.birth_date, who.contact) == (BORN, PHONE) for who in named)


@pytest.fixture(params=["hl7", "fhir"])
def strict(request: pytest.FixtureRequest) -> SoapIis | FhirServer:
    """A registry that knows people by their names as they stand."""
    return SoapIis(PEOPLE, strict=True) if request.param == "hl7" else FhirServer(PEOPLE, mode="match", strict=True)


def questions(server: SoapIis | FhirServer) -> int:
    return len(server.asked) if isinstance(server, SoapIis) else len(server.requests("POST Patient/$match"))


def opened(server: SoapIis | FhirServer, timeout: float = 5) -> Dialect:
    return open_dialect(server.url, timeout=timeout)


@pytest.mark.parametrize(
    ("who", "patient_id", "most"),
    [
        (asking("Ana", "Reyes"), "1", 1),
        (asking("Reyes", "Ana"), "1", 2),
        (asking("Bob", "Hayes", date(1952, 10, 10)), "2", 2),
        (asking("Hayes", "Bob", date(1952, 10, 10)), "2", 3),
        (asking("José", "Muñoz", date(1990, 12, 2)), "3", 2),
        (asking("José", "Peña Muñoz", date(1990, 12, 2)), "3", 4),
    ],
    ids=["as it stands", "swapped", "short", "short and swapped", "accents", "two family names"],
)
def test_she_is_found_by_another_name_and_in_a_few_questions(
    strict: SoapIis | FhirServer, who: Demographics, patient_id: str, most: int
) -> None:
    with strict as server:
        registry = opened(server)

        found = registry.find(who)

        assert found is not None
        assert found.patient_id == patient_id
        assert questions(server) == most
        registry.close()


@pytest.mark.parametrize(
    "who",
    [asking("José", "García López"), asking("Torres", "Ana", date(2001, 1, 1)), asking("Maria", "Reyes")],
    ids=["nobody of any of these names", "somebody with another phone", "a sister's name"],
)
def test_nobody_else_is_found_and_the_questions_end(strict: SoapIis | FhirServer, who: Demographics) -> None:
    with strict as server:
        registry = opened(server)

        assert registry.find(who) is None
        assert questions(server) <= 4
        registry.close()


def test_a_slow_registry_is_not_asked_what_would_not_end_in_time(strict: SoapIis | FhirServer) -> None:
    with strict as server:
        server.delay = 0.5
        registry = opened(server, timeout=2.0)

        assert registry.find(asking("José", "García López")) is None
        assert questions(server) < 4
        registry.close()


def test_who_has_too_many_namesakes_is_asked_for_once() -> None:
    with SoapIis(PEOPLE) as server:
        server.people = [PEOPLE[0]] * 6
        registry = opened(server)

        assert registry.find(asking("Reyes", "Ana")) is None
        assert questions(server) == 1
        registry.close()
