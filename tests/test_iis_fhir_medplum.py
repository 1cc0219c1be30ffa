"""Asking a FHIR server that others made, filled with people of ours and with Synthea's."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fakes.fhir_resources import Resource, resources_of, stored
from fakes.fhir_server import FhirServer
from fakes.medplum import medplum

from bot.iis.demo_people import demo_people
from bot.iis.doses import merged
from bot.iis.fhir import resources as fhir
from bot.iis.fhir.address import FhirAddress
from bot.iis.fhir.iis import FhirIIS
from bot.records import Demographics, VaccineRecord

SAMPLES = (folder / "shared/data/fhir/synthea_sample.ndjson" for folder in Path(__file__).parents)
SAMPLE = next((file for file in SAMPLES if file.is_file()), None)
needs_sample = pytest.mark.skipif(SAMPLE is None, reason="there is no shared/data/fhir/synthea_sample.ndjson")


@pytest.fixture(scope="module")
def synthea() -> list[Resource]:
    assert SAMPLE
    return stored(SAMPLE)


@pytest.fixture(scope="module")
def of_ours() -> Iterator[FhirIIS]:
    with medplum(resources_of(person.record for person in demo_people())) as url:
        yield from opened(url)


@pytest.fixture(scope="module")
def some(synthea: list[Resource]) -> list[Resource]:
    """Six people and their doses: this server reads all that it has, slowly, for each question."""
    ids = [resource["id"] for resource in synthea if resource["resourceType"] == "Patient"][:6]
    doses = [resource for resource in synthea if resource["resourceType"] == "Immunization"]
    theirs = [dose for dose in doses if dose["patient"]["reference"].removeprefix("Patient/") in ids]
    return [resource for resource in synthea if resource["id"] in ids] + theirs


@pytest.fixture(scope="module")
def of_synthea(some: list[Resource]) -> Iterator[FhirIIS]:
    with medplum(some) as url:
        yield from opened(url)


def opened(url: str) -> Iterator[FhirIIS]:
    iis = FhirIIS(FhirAddress.parse(url), timeout=60)  # it is slow
    yield iis
    iis.close()


def about(record: VaccineRecord) -> Demographics:
    return Demographics(" ".join(record.given), record.family, record.birth_date, min(record.contacts))


def expected(resources: list[Resource]) -> list[VaccineRecord]:
    """The records that Synthea's resources hold, read without any server."""
    people = [fhir.patient(resource) for resource in resources if resource["resourceType"] == "Patient"]
    doses = [fhir.immunization(resource) for resource in resources if resource["resourceType"] == "Immunization"]
    given = [(dose.person_id, dose.given) for dose in doses if dose and dose.given]
    return [with_doses(person, [dose for owner, dose in given if owner == person.patient_id]) for person in people]


def with_doses(person, doses):
    return replace(person, immunizations=merged(doses))


def test_every_step_of_the_check_works(of_ours: FhirIIS) -> None:
    sentences = [step.run() for step in of_ours.steps()]

    assert "speaks FHIR R4" in sentences[0]
    assert "no client id" in sentences[1]
    assert "searched by POST" in sentences[2]


@pytest.mark.parametrize("person", demo_people(), ids=lambda person: person.key)
def test_a_record_of_ours_comes_back_whole(of_ours: FhirIIS, person) -> None:
    found = of_ours.find(about(person.record))

    assert found == (None if person.key.startswith("linh") else person.record)


@pytest.mark.parametrize(
    "who",
    [
        Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550199"),
        Demographics("Ana", "Reyes", date(1985, 3, 28), "+13605550100"),
        Demographics("Rosa", "Reyes", date(1985, 3, 27), "+13605550100"),
        Demographics("Nia", "Thompson", date(2015, 5, 9), "+13605550105"),
    ],
    ids=["another phone", "another birth date", "another name", "which twin?"],
)
def test_nobody_is_found_for(of_ours: FhirIIS, who: Demographics) -> None:
    assert of_ours.find(who) is None


@needs_sample
def test_people_of_synthea_are_found_with_all_doses_over_many_pages(of_synthea: FhirIIS, some: list[Resource]) -> None:
    people = expected(some)

    found = [of_synthea.find(about(person)) for person in people]

    assert found == people
    assert max(len(person.immunizations) for person in people) > 5  # this server's longest page


@needs_sample
@pytest.mark.parametrize("mode", ["match", "search"])
def test_everybody_of_synthea_is_found_on_our_own_server(synthea: list[Resource], mode) -> None:
    people = expected(synthea)

    with FhirServer(mode=mode, resources=list(synthea), page=7) as registry:
        iis = FhirIIS(FhirAddress.parse(registry.url))
        found = [iis.find(about(person)) for person in people]
        iis.close()

    died = {resource["id"] for resource in synthea if "deceasedDateTime" in resource}
    assert len(died) == 10
    assert found == [None if person.patient_id in died else person for person in people]
