"""Loading registry files into our copy."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.iis.loading.files import NAME_IT
from bot.iis.loading.load import BATCH, LoadResult, load_files
from bot.iis.sql.engine import writer
from bot.iis.sql.iis import SqlIIS
from bot.iis.sql.tables import contact, immunization, person
from bot.records import Demographics

ANA = Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")
SAMPLE = Path(__file__).parents[2] / "shared/data/fhir/synthea_sample.ndjson"


def patient(person_id="p1", **changes):
    named = {"name": [{"family": "Reyes", "given": ["Ana"]}], "birthDate": "1985-03-27"}
    reached = {"telecom": [{"system": "phone", "value": "360-555-0100"}]}
    return {"resourceType": "Patient", "id": person_id} | named | reached | changes


def dose(dose_id="d1", *, of="Patient/p1", **changes):
    code = {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "208"}]}
    given = {"status": "completed", "vaccineCode": code, "occurrenceDateTime": "2021-04-08"}
    return {"resourceType": "Immunization", "id": dose_id, "patient": {"reference": of}} | given | changes


def bundle(*resources, url="urn:uuid:{id}"):
    entries = [{"fullUrl": url.format(id=resource.get("id")), "resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


class Registry:
    """A registry file, what was loaded into it, and what was said about it."""

    def __init__(self, folder, url):
        self.folder, self.url = folder, url
        self.rejects = folder / "rejects.csv"
        self.iis = SqlIIS(self.url)

    def load(self, *lines, name="export.ndjson"):
        text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        (self.folder / name).write_text(text, encoding="utf-8")
        return self.load_paths(self.folder / name)

    def load_paths(self, *paths, full=False):
        return load_files(self.url, paths, rejects=self.rejects, full=full)

    def rejected(self):
        """File, line and reason of each, without the heading."""
        with self.rejects.open(newline="") as file:
            return list(csv.reader(file))[1:]

    def doses_of_ana(self):
        return [dose.cvx for dose in self.iis.find(ANA).immunizations]

    def rows(self):
        with writer(self.url) as engine, engine.connect() as connection:
            return [
                connection.execute(select(table).order_by(*table.c)).all() for table in (person, contact, immunization)
            ]


@pytest.fixture
def registry(tmp_path, replica_url):
    registry = Registry(tmp_path, replica_url)
    yield registry
    registry.iis.close()


def test_people_and_doses_are_loaded_from_ndjson(registry):
    result = registry.load(patient(), dose("d1"), dose("d2", occurrenceDateTime="2021-04-29"))

    assert result == LoadResult(people=1, doses=2, rejected=0)
    assert registry.doses_of_ana() == ["208", "208"]


def test_a_dose_may_come_before_its_person(registry):
    registry.load(dose(), patient())

    assert registry.doses_of_ana() == ["208"]


def test_a_dose_waits_for_a_person_in_a_later_file(registry):
    registry.load(dose())
    registry.load(patient())

    assert registry.doses_of_ana() == ["208"]


def test_loading_twice_changes_nothing(registry):
    lines = [patient(), patient("p2", telecom=[]), dose("d1"), dose("d2"), dose("d3", of="Patient/later")]
    first = registry.load(*lines)
    rows = registry.rows()

    assert registry.load(*lines) == first
    assert registry.rows() == rows


def test_a_later_file_corrects_name_and_contacts_and_keeps_the_doses(registry):
    registry.load(patient(birthDate="1985-03-28", telecom=[]), dose())
    registry.load(patient())

    assert registry.doses_of_ana() == ["208"]


def test_a_contact_that_is_gone_finds_nobody(registry):
    registry.load(patient())
    registry.load(patient(telecom=[]))

    assert registry.iis.find(ANA) is None


def test_a_dose_that_was_taken_back_disappears(registry):
    registry.load(patient(), dose("d1"), dose("d2", occurrenceDateTime="2021-04-29"))
    result = registry.load(dose("d2", status="entered-in-error"))

    assert (result.doses, result.dropped) == (0, 1)
    assert registry.doses_of_ana() == ["208"]


def test_the_later_line_counts(registry):
    code = {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "207"}]}
    registry.load(patient(birthDate="1999-09-09"), patient(), dose(), dose(vaccineCode=code))

    assert registry.doses_of_ana() == ["207"]


def test_more_than_one_batch_is_loaded(registry):
    people = [patient(f"p{n}", telecom=[]) for n in range(BATCH)]

    result = registry.load(*people, patient("ana"), dose(of="Patient/ana"))

    assert result == LoadResult(people=BATCH + 1, doses=1, rejected=0)
    assert registry.doses_of_ana() == ["208"]


def test_other_kinds_of_resource_and_empty_lines_are_passed_over(registry):
    result = registry.load("", {"resourceType": "Organization", "id": "o1"}, "  ", patient(), "")

    assert result == LoadResult(people=1, doses=0, rejected=0)


def test_what_is_wrong_is_reported_with_its_line_and_the_rest_is_loaded(registry):
    result = registry.load(
        "Reyes, Ana, 1985-03-27",
        "[]",
        patient(birthDate="1985"),
        {"name": "Reyes"},
        bundle(dose(of="x"), {}),
        patient(),
    )

    file = registry.folder / "export.ndjson"
    assert result == LoadResult(people=1, doses=0, rejected=6, unnamed=5)
    assert registry.rejected() == [
        [str(file), "1", "not a JSON object"],
        [str(file), "2", "not a JSON object"],
        [str(file), "3", "Patient without a full birth date"],
        [str(file), "4", "not a FHIR resource"],
        [str(file), "5", "entry 1: Immunization without a patient"],
        [str(file), "5", "entry 2: not a FHIR resource"],
    ]


def test_a_file_that_is_missing_is_reported_and_the_next_one_loaded(registry):
    (registry.folder / "a.ndjson").write_text(json.dumps(patient()))

    missing = registry.folder / "missing.ndjson"

    result = registry.load_paths(missing, registry.folder / "a.ndjson")

    assert result == LoadResult(people=1, rejected=1, unread=(f"{missing}: No such file or directory. {NAME_IT}",))
    assert registry.rejected() == [[f"{registry.folder}/missing.ndjson", "", "No such file or directory"]]


@pytest.mark.parametrize("indent", [None, 2], ids=["one line", "several lines"])
def test_a_bundle_is_loaded(registry, indent):
    whole = json.dumps(bundle(patient(), dose(of="urn:uuid:p1")), indent=indent)

    assert registry.load(whole, name="bundle.json") == LoadResult(people=1, doses=1, rejected=0)
    assert registry.doses_of_ana() == ["208"]


@pytest.mark.parametrize(
    ("url", "of"),
    [
        ("https://iis.example.org/fhir/Patient/{id}", "https://iis.example.org/fhir/Patient/p1"),
        ("https://iis.example.org/fhir/Patient/{id}", "Patient/p1"),
        ("urn:uuid:0c3151bd-{id}", "urn:uuid:0c3151bd-p1"),
        ("resource:{id}", "resource:p1"),
    ],
    ids=["absolute", "relative", "a fullUrl that is not the id", "as SMART cards do"],
)
def test_a_dose_in_a_bundle_finds_its_person_by(registry, url, of):
    registry.load(bundle(patient(), dose(of=of), url=url))

    assert registry.doses_of_ana() == ["208"]


def test_in_a_bundle_the_full_url_stands_for_a_missing_id(registry):
    nameless = {key: value for key, value in patient().items() if key != "id"}
    entries = [
        {"fullUrl": "urn:uuid:p1", "resource": nameless},
        {"fullUrl": "urn:uuid:d1", "resource": dose()},
    ]

    registry.load({"resourceType": "Bundle", "entry": entries})

    assert registry.doses_of_ana() == ["208"]


@pytest.mark.parametrize("entry", [7, None, ["x"], [{"resource": []}], {}], ids=str)
def test_a_bundle_full_of_nonsense_stops_nothing(registry, entry):
    registry.load({"resourceType": "Bundle", "entry": entry}, patient())

    assert registry.iis.find(ANA)


def test_a_byte_order_mark_is_no_error(registry):
    result = registry.load("\ufeff" + json.dumps(patient()))

    assert result.rejected == 0


def test_progress_goes_to_stderr(registry, capsys):
    (registry.folder / "a.ndjson").write_text(json.dumps(patient()))

    load_files(registry.url, [registry.folder / "a.ndjson"], rejects=registry.rejects, progress=True)

    told = capsys.readouterr()
    assert "100%" in told.err
    assert not told.out


@pytest.mark.skipif(not SAMPLE.exists(), reason=f"the synthetic people are not at {SAMPLE}")
def test_sixty_synthetic_people_are_loaded_and_found(registry):
    result = registry.load_paths(SAMPLE)
    adan = registry.iis.find(Demographics("Adan", "Portillo", date(1937, 2, 13), "+15554677743"))

    assert result == LoadResult(people=60, doses=776, rejected=0)
    assert adan.given == ("Adán",)
    assert len(adan.immunizations) == 11


def test_a_deletion_in_a_bundle_is_reported_with_what_to_do(registry):
    entries = [{"request": {"method": "DELETE", "url": "Immunization/i1"}}]
    file = registry.folder / "changes.json"
    file.write_text(json.dumps({"resourceType": "Bundle", "entry": entries}))

    registry.load_paths(file)

    (rejected,) = registry.rejected()
    assert rejected[-1].startswith("entry 1: a deletion names no person")
    assert "--full" in rejected[-1]
