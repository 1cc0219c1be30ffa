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
from fhir_ana import ANA, DOSE, DOSES, PATIENTS, PERSONAL, PRIYA, RECORD, dose_of, linked, outcome, page

from bot.iis.demo_people import demo_people
from bot.iis.fhir.address import FhirAddress
from bot.iis.fhir.iis import FhirIIS
from bot.ports import IISRejected, IISUnavailable
from bot.records import VaccineRecord
from bot.vaccines import cvx_code

NO_VACCINE = {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "998"}]}


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


@pytest.mark.parametrize(
    ("status", "code"), [(404, "not-found"), (405, "processing"), (501, "not-supported"), (400, "not-supported")]
)
def test_a_server_that_has_no_match_though_it_says_so_is_searched(iis, registry, status, code):
    registry.mode = "match"
    registry.always("POST Patient/$match", Reply(status, outcome("error", code)))

    assert iis.find(ANA) == RECORD
    assert len(registry.requests(PATIENTS)) == 2


@pytest.mark.parametrize("grade", ["certain", "certainly-not"])
def test_whoever_the_server_calls_a_match_must_be_the_one_who_was_asked_for(iis, registry, grade):
    registry.mode = "match"
    url = "http://hl7.org/fhir/StructureDefinition/match-grade"
    graded = {"mode": "match", "score": 1.0, "extension": [{"url": url, "valueCode": grade}]}
    neighbour = patient(replace(RECORD, phones=frozenset({"+13605550177"})))
    registry.always("POST Patient/$match", page(entry=[{"resource": neighbour, "search": graded}], total=1))

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


REFUSED = [
    (404, "not-supported"),
    (404, "not-found"),
    (405, "processing"),
    (501, "not-supported"),
    (400, "not-supported"),
]


@pytest.mark.parametrize(("status", "code"), REFUSED)
def test_a_server_that_takes_no_posted_search_is_not_asked_by_get_before_the_operator_allows_it(
    iis, registry, status, code
):
    registry.always(PATIENTS, Reply(status, outcome("error", code)))

    for _ in range(2):
        with pytest.raises(IISRejected, match=r"takes no search by POST; \?search=get in IIS_URL allows"):
            iis.find(ANA)

    assert registry.requests("GET Patient") == []


@pytest.mark.parametrize("status", [404, 405, 501, 503])
def test_a_page_of_maintenance_moves_nobodys_name_into_a_url(iis, registry, status):
    iis.ping()
    registry.reply(PATIENTS, Reply(status, b"<html>Back soon</html>"))

    with pytest.raises(IISUnavailable, match=f"HTTP {status}"):
        iis.find(ANA)

    assert iis.find(ANA) == RECORD
    assert registry.requests("GET Patient") == []


def test_where_the_operator_allows_it_people_are_searched_by_get_alone(registry):
    registry.takes_posted_searches = False
    iis = FhirIIS(FhirAddress.parse(f"{registry.url}?search=get"))

    assert iis.find(ANA) == RECORD

    assert registry.requests(PATIENTS) == []
    assert len(registry.requests("GET Patient")) == 2
    iis.close()


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


def chain(*links: str) -> list[dict[str, object]]:
    """Patients of whom each was merged into the next; "p1>p2" is one link."""
    named = dict(link.split(">") for link in links)
    ids = dict.fromkeys([*named, *named.values()])
    merged = [{"link": [{"type": "replaced-by", "other": {"reference": f"Patient/{named.get(one)}"}}]} for one in ids]
    people = [patient(replace(RECORD, patient_id=one)) for one in ids]
    return [one | (link if one["id"] in named else {}) for one, link in zip(people, merged, strict=True)]


def test_a_record_that_was_merged_twice_is_followed_to_its_end_and_counts_once(iis, registry):
    registry.resources[:] = [*chain("p1>p2", "p2>p3"), dose_of("p3")]

    assert iis.find(ANA) == replace(RECORD, patient_id="p3", immunizations=(replace(DOSE, lot="LOT0"),))


@pytest.mark.parametrize(
    "links", [("p1>p2", "p2>p1"), ("p1>p2", "p2>p3", "p3>p4", "p4>p5")], ids=["a ring", "too long a chain"]
)
def test_a_chain_of_merges_without_an_end_is_nobodys_and_soon_given_up(iis, registry, links):
    registry.resources[:] = chain(*links)
    registry.always(PATIENTS, page(registry.resources[0]))

    assert iis.find(ANA) is None
    assert len([line for line in registry.lines() if line.startswith("GET /fhir/Patient/")]) == 3


def test_a_merged_record_is_followed_though_it_is_inactive(iis, registry):
    stands = patient(replace(RECORD, patient_id="p2"))
    registry.resources[:] = [linked("replaced-by", active=False), stands, dose_of("p2")]

    assert iis.find(ANA).patient_id == "p2"


@pytest.mark.parametrize(
    ("died", "found"),
    [
        ({"deceasedBoolean": True}, False),
        ({"deceasedDateTime": "2021"}, False),
        ({"deceasedBoolean": False}, True),
        ({"deceasedBoolean": None}, True),
    ],
    ids=str,
)
@pytest.mark.parametrize("mode", ["match", "search"])
def test_the_record_of_somebody_who_died_goes_to_nobody(iis, registry, mode, died, found):
    registry.mode = mode
    registry.resources[:] = [patient(RECORD) | died, dose_of()]

    assert (iis.find(ANA) is not None) is found


def test_a_twin_who_died_still_makes_a_slip_doubtful(iis, registry):
    one = VaccineRecord("d1", "Reyes", ("Daniel",), ANA.birth_date, phones=frozenset({ANA.contact}))
    two = patient(replace(one, patient_id="d2", given=("Dannial",))) | {"deceasedBoolean": True}
    registry.resources[:] = [patient(one), two]

    assert iis.find(replace(ANA, first_name="Danial")) is None
    assert iis.find(replace(ANA, first_name="Daniel")).patient_id == "d1"


@pytest.mark.parametrize(
    "broken",
    [
        linked("replaced-by", "Patient/nobody"),
        linked("replaced-by", "Patient/../../secrets"),
        linked("replaced-by", "Group/p2"),
        linked("replaced-by", None),
        linked("replaced-by", "Patient/p1"),
        linked("replaced-by", "#p2", contained=[patient(RECORD) | {"id": "p2"}]),
        patient(RECORD) | {"active": False},
        patient(RECORD) | {"modifierExtension": [{"url": "http://example.org/not-a-person", "valueBoolean": True}]},
    ],
    ids=[
        "to nobody",
        "out of our address",
        "to no Patient",
        "without an id",
        "to itself",
        "to one inside it",
        "inactive",
        "changed in meaning",
    ],
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
        dose_of(number=5, status="in-progress"),
        dose_of(number=6, patient={"reference": "#p1"}, contained=[patient(RECORD)]),
        dose_of(number=7, patient={"identifier": {"value": "p1"}}),
        dose_of(number=8, patient={"reference": "Group/p1"}),
        dose_of(number=9, modifierExtension=[{"url": "http://example.org/refused", "valueBoolean": True}]),
        patient(RECORD),
    ]

    assert [dose.lot for dose in iis.find(ANA).immunizations] == ["LOT1"]


@pytest.mark.parametrize(
    "unread",
    [
        {"occurrenceDateTime": "Reyes"},
        {"occurrenceDateTime": "2021"},
        {"occurrenceDateTime": "2021-04"},
        {"occurrenceDateTime": None, "occurrenceString": "spring of 2021"},
        {"vaccineCode": {"coding": [{"system": "http://snomed.info/sct", "code": "1119349007"}]}},
    ],
    ids=["no date", "a year", "a month", "words", "SNOMED alone"],
)
def test_a_dose_that_cannot_be_read_is_left_out_and_counted(iis, registry, unread):
    registry.resources[:] = [patient(RECORD), dose_of(), dose_of(number=1, **unread)]

    with structlog.testing.capture_logs() as logged:
        found = iis.find(ANA)

    assert (len(found.immunizations), found.unreadable) == (1, 1)
    assert logged == [{"event": "iis_resources_left_out", "kind": "Immunization", "count": 1, "log_level": "warning"}]


@pytest.mark.parametrize(
    "dose",
    [
        dose_of("p10", 1, occurrenceDateTime="2021-04"),
        dose_of(number=1, status="not-done", occurrenceDateTime="2021-04"),
        dose_of(number=1, status="entered-in-error", vaccineCode={}),
        dose_of(number=1, occurrenceDateTime="2021", vaccineCode=NO_VACCINE),
    ],
    ids=["another's", "not given", "taken back", "no vaccine"],
)
def test_what_is_no_dose_of_hers_is_not_counted_as_unreadable(iis, registry, dose):
    registry.resources[:] = [patient(RECORD), dose_of(), dose]

    assert iis.find(ANA).unreadable == 0


def test_a_code_is_one_code_with_its_zero_and_without(iis, registry):
    coded = [{"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": code}]} for code in ("08", "8", "008")]
    reported = [dose_of(number=0, id=f"d{number}", vaccineCode=code) for number, code in enumerate(coded)]
    registry.resources[:] = [patient(RECORD), *reported]

    (dose,) = iis.find(ANA).immunizations

    assert cvx_code(dose.cvx) == "08"


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


def test_even_searches_by_get_stand_in_no_log_of_ours(registry, caplog):
    caplog.set_level(logging.DEBUG)
    iis = FhirIIS(FhirAddress.parse(f"{registry.url}?search=get"))

    assert iis.find(ANA)

    assert not [word for word in PERSONAL if word in caplog.text]
    iis.close()
