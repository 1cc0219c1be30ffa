"""FHIR resources as providers really fill them."""

from datetime import date

import pytest

from bot.iis.fhir.resources import ResourceError, immunization, patient, reference_id
from bot.records import Immunization

PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [{"use": "official", "family": "Muñoz-Peña", "given": ["José", "Ángel"], "suffix": ["Jr."]}],
    "telecom": [
        {"system": "phone", "value": "(360) 555-0100", "use": "mobile"},
        {"system": "email", "value": " Jose@Example.ORG "},
    ],
    "birthDate": "1990-12-02",
}
CVX = "http://hl7.org/fhir/sid/cvx"
IMMUNIZATION = {
    "resourceType": "Immunization",
    "id": "d1",
    "status": "completed",
    "vaccineCode": {"coding": [{"system": CVX, "code": "208"}]},
    "patient": {"reference": "Patient/p1"},
    "occurrenceDateTime": "2021-04-08T23:30:00-07:00",
    "lotNumber": " EW0162 ",
    "manufacturer": {"identifier": {"system": "http://hl7.org/fhir/sid/mvx", "value": "PFR"}},
    "location": {"display": "Fairgrounds"},
}


def phone(value, **more):
    return {"telecom": [{"system": "phone", "value": value, **more}]}


def test_a_patient_becomes_a_record():
    record = patient(PATIENT)

    assert record.name == "José Ángel Muñoz-Peña Jr."
    assert record.birth_date == date(1990, 12, 2)
    assert record.contacts == {"+13605550100", "jose@example.org"}
    assert record.patient_id == "p1"


def test_an_immunization_becomes_a_dose_on_the_day_it_was_written_down():
    dose = immunization(IMMUNIZATION)

    assert (dose.person_id, dose.id) == ("p1", "d1")
    assert dose.given == Immunization("208", date(2021, 4, 8), "EW0162", "Fairgrounds", "PFR")


@pytest.mark.parametrize(
    ("names", "family"),
    [
        ([{"family": "Wolff"}, {"use": "official", "family": "Tremblay"}], "Tremblay"),
        ([{"use": "official"}, {"use": "maiden", "family": "Wolff"}], "Wolff"),
        ([{"family": "First"}, {"family": "Second"}], "First"),
    ],
    ids=["the official one", "the one that is filled", "the first"],
)
def test_of_several_names_we_take(names, family):
    assert patient(PATIENT | {"name": names}).family == family


@pytest.mark.parametrize(
    ("telecom", "found"),
    [
        (phone("555-978-4581"), "+15559784581"),
        (phone("tel:+1-360-555-0100"), "+13605550100"),
        (phone("+52 55 1234 5678"), "+525512345678"),
        ({"telecom": [{"system": "sms", "value": "3605550100"}]}, "+13605550100"),
        (phone("555-0100"), None),
        (phone("999-999-9999"), None),
        (phone("{{Telephone Number}}"), None),
        (phone(3605550100), None),
        (phone("360-555-0100", use="old"), None),
        ({"telecom": [{"system": "fax", "value": "360-555-0100"}]}, None),
        ({"telecom": [{"system": "email", "value": "none"}]}, None),
        ({"telecom": [{"system": "email", "value": "a@b c.org"}]}, None),
        ({"telecom": ["360-555-0100", None]}, None),
        ({"telecom": {"value": "360-555-0100"}}, None),
        ({"telecom": None}, None),
    ],
    ids=lambda value: None if isinstance(value, str) or value is None else str(value["telecom"])[:60],
)
def test_of_contacts_we_take_what_can_be_reached(telecom, found):
    assert patient(PATIENT | telecom).contacts == ({found} if found else frozenset())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": None}, "Patient without an id"),
        ({"id": "x" * 65}, "Patient with an id of more than 64 characters"),
        ({"name": []}, "Patient without a name"),
        ({"name": "José"}, "Patient without a name"),
        ({"name": [{"family": "  "}]}, "Patient without a name"),
        ({"birthDate": "1990"}, "Patient without a full birth date"),
        ({"birthDate": "1990-13-02"}, "Patient without a full birth date"),
        ({"birthDate": None}, "Patient without a full birth date"),
        ({"birthDate": None, "_birthDate": {"extension": []}}, "Patient without a full birth date"),
        ({"modifierExtension": [{"url": "x"}]}, "Patient with modifierExtension that we do not know"),
    ],
)
def test_a_patient_is_refused_with_a_reason_that_does_not_quote_her(change, reason):
    with pytest.raises(ResourceError) as refused:
        patient(PATIENT | change)

    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": ""}, "Immunization without an id"),
        ({"patient": {}}, "Immunization without a patient"),
        ({"patient": {"reference": "resource:0"}}, "Immunization without a patient"),
        ({"vaccineCode": {"text": "Pfizer"}}, "Immunization without a CVX code"),
        ({"vaccineCode": {"coding": [{"system": "x", "code": "208"}]}}, "Immunization without a CVX code"),
        ({"patient": None}, "Immunization without a patient"),
        ({"patient": {"reference": "#p1"}, "contained": [PATIENT]}, "Immunization without a patient"),
        ({"patient": {"reference": "Group/p1"}}, "Immunization without a patient"),
        ({"patient": {"identifier": {"value": "p1"}, "display": "José"}}, "Immunization without a patient"),
        ({"vaccineCode": {"coding": [{"system": CVX, "code": 208}]}}, "Immunization without a CVX code"),
        ({"vaccineCode": {"coding": [{"system": CVX, "code": "20821"}]}}, "Immunization without a CVX code"),
        ({"vaccineCode": {"coding": [{"system": CVX, "code": "0"}]}}, "Immunization without a CVX code"),
        ({"occurrenceDateTime": "2021"}, "Immunization without a full date"),
        ({"occurrenceDateTime": "2021-04"}, "Immunization without a full date"),
        ({"occurrenceDateTime": "2021-02-30"}, "Immunization without a full date"),
        (
            {"occurrenceDateTime": None, "_occurrenceDateTime": {"extension": [{"valueCode": "unknown"}]}},
            "Immunization without a full date",
        ),
        ({"status": "in-progress"}, "Immunization with a status that FHIR does not know"),
        ({"status": ["completed"]}, "Immunization with a status that FHIR does not know"),
        ({"modifierExtension": [{"url": "x"}]}, "Immunization with modifierExtension that we do not know"),
        ({"implicitRules": "http://example.org/rules"}, "Immunization with implicitRules that we do not know"),
        ({"occurrenceDateTime": None, "occurrenceString": "spring"}, "Immunization without a full date"),
    ],
)
def test_an_immunization_is_refused_with_a_reason(change, reason):
    with pytest.raises(ResourceError) as refused:
        immunization(IMMUNIZATION | change)

    assert str(refused.value) == reason


@pytest.mark.parametrize("status", ["entered-in-error", "not-done"])
def test_a_dose_that_was_taken_back_says_so(status):
    assert immunization(IMMUNIZATION | {"status": status}).given is None


@pytest.mark.parametrize(
    ("codings", "cvx"),
    [
        (
            [("http://snomed.info/sct", "1119349007"), (CVX, "208"), ("http://hl7.org/fhir/sid/ndc", "59267100001")],
            "208",
        ),
        ([(CVX, "unknown"), (CVX, "208")], "208"),
        ([("urn:oid:2.16.840.1.113883.12.292", "208")], "208"),
        ([(CVX, "08")], "08"),
        ([(CVX, " 208 ")], "208"),
        ([(CVX, "8")], "08"),
        ([("http://snomed.info/sct", "08"), (CVX, "03")], "03"),
    ],
    ids=[
        "among others",
        "the one that is a code",
        "as an OID",
        "with its zero",
        "with spaces",
        "one digit",
        "not SNOMED's",
    ],
)
def test_of_several_codings_the_cvx_code_counts(codings, cvx):
    coding = [{"system": system, "code": code} for system, code in codings]

    assert immunization(IMMUNIZATION | {"vaccineCode": {"coding": coding}}).given.cvx == cvx


def test_extensions_that_change_no_meaning_are_passed_over():
    extension = {"extension": [{"url": "http://example.org/priority", "valueInteger": 1}]}
    given = [{**PATIENT["name"][0], **extension, "given": ["José", None, "Ángel"], "_given": [None, extension, None]}]

    assert patient(PATIENT | extension | {"name": given}) == patient(PATIENT)
    assert immunization(IMMUNIZATION | extension) == immunization(IMMUNIZATION)


def test_no_vaccine_administered_is_no_dose():
    coding = [{"system": CVX, "code": "998"}]

    assert immunization(IMMUNIZATION | {"vaccineCode": {"coding": coding}}) is None


def test_lot_place_and_maker_may_be_missing():
    bare = {key: IMMUNIZATION[key] for key in ("id", "vaccineCode", "patient", "occurrenceDateTime")}

    assert immunization(bare).given == Immunization("208", date(2021, 4, 8))


def test_whoever_gave_the_dose_is_the_place_when_there_is_none():
    performer = [{"actor": {"reference": "Practitioner/1"}}, {"actor": {"display": "Cedar Street Pharmacy"}}]

    dose = immunization(IMMUNIZATION | {"location": None, "performer": performer})

    assert dose.given.place == "Cedar Street Pharmacy"


def test_control_characters_do_not_reach_the_database():
    assert patient(PATIENT | {"name": [{"family": "Re\0yes\n Ruiz"}]}).family == "Re yes Ruiz"


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("Patient/p1", "p1"),
        ("Patient/p1/_history/2", "p1"),
        ("https://iis.example.org/fhir/Patient/p1", "p1"),
        ("urn:uuid:p1", "p1"),
        ("resource:0", None),
        ("#p1", None),
        (7, None),
    ],
)
def test_a_reference_names(reference, found):
    assert reference_id(reference) == found
