"""A FHIR registry on loopback: whom we find there, and which doses are hers."""

import logging
import os
import warnings
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote, quote_plus

import pytest
import structlog
from fakes.fhir_resources import patient
from fakes.fhir_server import FhirServer, Reply, searchset
from fhir_ana import ANA, DOSES, PATIENTS, PERSONAL, PRIYA, RECORD, dose_of, linked, outcome

from bot.iis.demo_people import demo_people
from bot.iis.fhir.address import FhirAddress
from bot.iis.fhir.iis import FhirIIS
from bot.ports import IISRejected
from bot.records import VaccineRecord


@pytest.fixture
def registry() -> Iterator[FhirServer]:
    """A registry that holds Ana, with one dose, and the others of the demo."""
    others = [person.record for person in demo_people() if person.key != "ana"]
    with FhirServer([RECORD, *others]) as server:
        yield server


@pytest.fixture
def iis(registry: FhirServer) -> Iterator[FhirIIS]:
    iis = FhirIIS(FhirAddress.parse(registry.url))
    yield iis
    iis.close()


@pytest.mark.parametrize("mode", ["match", "search"])
def test_a_server_that_has_match_is_asked_by_match_and_others_by_search(mode):
    with FhirServer([RECORD], mode=mode) as registry:
        iis = FhirIIS(FhirAddress.parse(registry.url))
        assert iis.find(ANA) == RECORD
        iis.close()

    asked = [line.split("?")[0].removeprefix("POST /fhir/") for line in registry.lines()[1:-1]]
    assert asked == (["Patient/$match"] if mode == "match" else ["Patient/_search"] * 2)


def test_after_a_fork_nobody_speaks_on_the_others_connection(iis, registry):
    iis.find(ANA)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 on forking with threads about
        child = os.fork()
    if not child:
        try:
            os._exit(0 if [iis.find(ANA) for _ in range(20)] == [RECORD] * 20 else 1)
        finally:
            os._exit(2)

    assert [iis.find(ANA) for _ in range(20)] == [RECORD] * 20
    assert os.waitpid(child, 0)[1] == 0
    assert len({asked.peer for asked in registry.asked}) == 2


def test_what_the_server_can_is_asked_once(iis, registry):
    for _ in range(3):
        iis.find(ANA)

    assert len(registry.requests("GET metadata")) == 1


def test_a_server_that_has_no_match_though_it_says_so_is_searched(iis, registry):
    registry.mode = "match"
    registry.always("POST Patient/$match", Reply(404, outcome("error", "not-supported")))

    assert iis.find(ANA) == RECORD


@pytest.mark.parametrize("grade", ["certain", "certainly-not"])
def test_whoever_the_server_calls_a_match_must_be_the_one_who_was_asked_for(iis, registry, grade):
    registry.mode = "match"
    url = "http://hl7.org/fhir/StructureDefinition/match-grade"
    graded = {"mode": "match", "score": 1.0, "extension": [{"url": url, "valueCode": grade}]}
    neighbour = patient(replace(RECORD, phones=frozenset({"+13605550177"})))
    bundle = {"resourceType": "Bundle", "entry": [{"resource": neighbour, "search": graded}]}
    registry.always("POST Patient/$match", Reply(200, bundle))

    assert iis.find(ANA) is None
    assert not registry.requests(DOSES)


def test_a_twin_whose_phone_is_spelled_differently_still_makes_a_slip_doubtful(registry, iis):
    """Danial could be either; the search by contact alone would only show one of them."""
    one = VaccineRecord("d1", "Reyes", ("Daniel",), ANA.birth_date, phones=frozenset({ANA.contact}))
    two = patient(replace(one, patient_id="d2", given=("Dannial",)))
    two["telecom"] = [{"system": "phone", "value": "ph. 1 (360) 5550100"}]
    registry.resources[:] = [patient(one), two]

    assert iis.find(replace(ANA, first_name="Danial")) is None


@pytest.mark.parametrize(
    "parameters",
    [("birthdate", "name"), ("birthdate", "family"), ("birthdate", "phone", "email"), ("birthdate", "given")],
    ids=" ".join,
)
def test_a_server_that_searches_by_little_still_finds_her(iis, registry, parameters):
    registry.patient_parameters = parameters

    assert iis.find(ANA) == RECORD
    assert iis.find(PRIYA).emails == {PRIYA.contact}


def test_a_server_that_does_not_list_its_parameters_is_asked_by_the_usual_ones(iis, registry):
    registry.lists_parameters = False

    assert iis.find(ANA) == RECORD


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_that_takes_no_posted_search_is_asked_by_get_and_not_tried_again(iis, registry, status):
    registry.always(PATIENTS, Reply(status))

    assert [iis.find(ANA), iis.find(ANA)] == [RECORD, RECORD]

    assert len(registry.requests(PATIENTS)) == 1
    assert len(registry.requests("GET Patient")) == 4


@pytest.mark.parametrize(
    "who",
    [
        replace(ANA, first_name="Reyes", last_name="Ana"),
        replace(ANA, first_name="ANA MARÍA"),
        replace(ANA, last_name="Reyez"),
    ],
    ids=["swapped", "a name more", "a slip"],
)
@pytest.mark.parametrize("mode", ["match", "search"])
def test_she_is_found_however_she_types_her_name(registry, iis, who, mode):
    registry.mode = mode

    assert iis.find(who) == RECORD


@pytest.mark.parametrize("kind", ["replaced-by", "refer"])
@pytest.mark.parametrize("reference", ["Patient/p2", "https://elsewhere.example.org/r4/Patient/p2/_history/3"])
def test_a_record_that_was_merged_is_followed_to_the_one_that_stands(iis, registry, kind, reference):
    registry.resources[:] = [linked(kind, reference), patient(replace(RECORD, patient_id="p2")), dose_of("p2")]

    assert iis.find(ANA).patient_id == "p2"
    assert {line.split()[1].split("?")[0] for line in registry.lines()} <= {
        f"/fhir/{path}" for path in ("metadata", "Patient/_search", "Patient/p2", "Immunization")
    }


@pytest.mark.parametrize(
    "broken",
    [
        linked("replaced-by", "Patient/nobody"),
        linked("replaced-by", "Patient/../../secrets"),
        linked("replaced-by", "Group/p2"),
        linked("replaced-by", None),
        linked("replaced-by", "Patient/p1"),
        patient(RECORD) | {"active": False},
    ],
    ids=["to nobody", "out of our address", "to no Patient", "without an id", "to itself", "inactive"],
)
def test_a_record_that_does_not_count_is_nobodys(iis, registry, broken):
    registry.resources[:] = [broken, dose_of()]

    assert iis.find(ANA) is None
    assert not [line for line in registry.lines() if "secrets" in line]


def test_a_record_merged_into_another_person_does_not_find_that_person(iis, registry):
    other = VaccineRecord("p2", "Okafor", ("Grace",), ANA.birth_date, phones=frozenset({ANA.contact}))
    registry.resources[:] = [linked("replaced-by"), patient(other)]

    assert iis.find(ANA) is None


def test_an_old_phone_finds_nobody(iis, registry):
    old = patient(RECORD) | {"telecom": [{"system": "phone", "value": ANA.contact, "use": "old"}]}
    registry.resources[:] = [old]

    assert iis.find(ANA) is None


def test_a_patient_who_cannot_be_read_hides_nobody(iis, registry):
    registry.resources[:0] = [patient(RECORD) | {"id": "p1,p2"}, patient(RECORD) | {"id": ".."}]

    with structlog.testing.capture_logs() as logged:
        assert iis.find(ANA) == RECORD

    assert logged == [{"event": "iis_resources_left_out", "kind": "Patient", "count": 2, "log_level": "warning"}]


def test_doses_come_from_all_pages(iis, registry):
    registry.page = 2
    registry.resources[:] = [patient(RECORD), *(dose_of(number=number) for number in range(7))]

    assert [dose.lot for dose in iis.find(ANA).immunizations] == [f"LOT{number}" for number in range(7)]
    assert len(registry.requests(DOSES)) == 4


@pytest.mark.parametrize("known", [("patient", "status"), ("patient",), ()], ids=["all", "no status", "nothing"])
def test_a_dose_counts_only_if_it_was_given_and_is_hers(iis, registry, known):
    """Whatever the server does with our parameters."""
    registry.immunization_parameters = known
    registry.resources[:] = [
        patient(RECORD),
        dose_of(number=1),
        dose_of(number=2, status="entered-in-error"),
        dose_of(number=3, status="not-done"),
        dose_of("p10", 4),
        patient(RECORD),
    ]

    assert [dose.lot for dose in iis.find(ANA).immunizations] == ["LOT1"]


def test_a_dose_that_cannot_be_read_is_left_out_and_counted(iis, registry):
    registry.resources[:] = [patient(RECORD), dose_of(), dose_of(number=1, occurrenceDateTime="Reyes")]

    with structlog.testing.capture_logs() as logged:
        assert len(iis.find(ANA).immunizations) == 1

    assert logged == [{"event": "iis_resources_left_out", "kind": "Immunization", "count": 1, "log_level": "warning"}]


def test_a_shot_that_two_providers_reported_is_one_dose(iis, registry):
    registry.resources[:] = [patient(RECORD), dose_of(), dose_of(number=0, id="again", location=None)]

    assert len(iis.find(ANA).immunizations) == 1


def test_what_was_included_and_warnings_do_not_count(iis, registry):
    bundle = searchset([dose_of()])
    bundle["entry"] += [
        {"resource": dose_of(number=5), "search": {"mode": "include"}},
        {"resource": outcome("warning", "informational"), "search": {"mode": "outcome"}},
        {"fullUrl": "urn:uuid:1"},
        "entry",
    ]
    registry.always(DOSES, Reply(200, bundle))

    assert len(iis.find(ANA).immunizations) == 1


@pytest.mark.parametrize("severity", ["error", "fatal"])
def test_an_answer_that_says_that_it_is_not_whole_needs_somebody_to_look(iis, registry, severity):
    registry.always(DOSES, Reply(200, searchset([dose_of(), outcome(severity, "suppressed")])))

    with pytest.raises(IISRejected, match=r"not whole \(suppressed\)"):
        iis.find(ANA)


@pytest.mark.parametrize("mode", ["match", "search"])
def test_no_name_birth_date_or_contact_stands_in_a_url_or_a_log(registry, iis, mode, caplog):
    caplog.set_level(logging.DEBUG)
    registry.mode = mode
    with structlog.testing.capture_logs() as logged:
        iis.find(ANA)
        iis.find(replace(ANA, first_name="Rosa"))
        registry.always(DOSES, Reply(400, outcome("error", "invalid")))
        with pytest.raises(IISRejected):
            iis.find(ANA)

    held = "\n".join([*registry.lines(), caplog.text, str(logged)])
    assert not [word for word in PERSONAL if word in held or quote(word) in held or quote_plus(word) in held]


def test_even_searches_by_get_stand_in_no_log_of_ours(registry, iis, caplog):
    caplog.set_level(logging.DEBUG)
    registry.takes_posted_searches = False

    assert iis.find(ANA)

    assert not [word for word in PERSONAL if word in caplog.text]
