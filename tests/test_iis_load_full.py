"""A load of the whole registry: who is no longer in it leaves, unless the files look cut off."""

from datetime import date

import pytest

from bot.iis.loading.load import load_files
from bot.iis.loading.vanished import ALWAYS, Vanished
from bot.iis.sql.iis import SqlIIS
from bot.records import Demographics

HEADER = "person_id,family,given,birth_date,phone,cvx,date\n"


class Registry:
    def __init__(self, folder, url):
        self.folder, self.url, self.iis = folder, url, SqlIIS(url)

    def load(self, people, *, doses=1, name="people.csv", full=True):
        """Load people by their numbers, each with this many doses."""
        lines = [
            f"p{number},Reyes,Ana,1985-03-27,36055{number:05},208,2021-04-{day + 1:02}\n"
            for number in people
            for day in range(doses)
        ]
        return self.load_text(HEADER + "".join(lines), name=name, full=full)

    def load_text(self, text, *, name="people.csv", full=True):
        (self.folder / name).write_text(text)
        return load_files(self.url, [self.folder / name], rejects=self.folder / "rejects.csv", full=full)

    def find(self, number):
        return self.iis.find(Demographics("Ana", "Reyes", date(1985, 3, 27), f"+136055{number:05}"))


@pytest.fixture
def registry(tmp_path, replica_url):
    registry = Registry(tmp_path, replica_url)
    yield registry
    registry.iis.close()


def test_whoever_is_no_longer_in_the_registry_is_removed_with_her_contacts_and_doses(registry):
    registry.load(range(3), doses=2)

    result = registry.load(range(1, 3), doses=2)

    assert (result.vanished, result.kept) == (Vanished(people=1, doses=2), "")
    assert registry.find(0) is None
    registry.load([0], doses=1, full=False)
    assert len(registry.find(0).immunizations) == 1


def test_a_dose_that_is_no_longer_in_the_registry_is_removed(registry):
    registry.load(range(3), doses=2)

    assert registry.load(range(3), doses=1).vanished == Vanished(people=0, doses=3)
    assert len(registry.find(0).immunizations) == 1


def test_a_load_of_a_part_removes_nobody(registry):
    registry.load(range(3))

    assert registry.load([1], full=False).vanished is None
    assert registry.find(0)


def test_a_file_that_looks_cut_off_removes_nobody(registry):
    registry.load(range(ALWAYS + 2))

    result = registry.load([0])

    assert result.vanished is None
    assert result.kept == "11 of 12 people are not in these files"
    assert registry.find(11)


def test_people_without_their_doses_remove_no_doses(registry):
    registry.load(range(ALWAYS), doses=2)

    result = registry.load(range(ALWAYS), doses=0)

    assert result.vanished is None
    assert len(registry.find(0).immunizations) == 2


def test_a_file_that_could_not_be_read_removes_nobody(registry):
    registry.load(range(2))
    (registry.folder / "cut.csv").write_text("person_id;family")
    (registry.folder / "people.csv").write_text(HEADER)
    files = [registry.folder / "people.csv", registry.folder / "cut.csv"]

    result = load_files(registry.url, files, rejects=registry.folder / "rejects.csv", full=True)

    assert result.kept == "a file could not be read to its end"
    assert registry.find(0)


def test_people_whose_lines_were_rejected_stay_with_their_doses(registry):
    registry.load(range(3), doses=2)
    changed = (registry.folder / "people.csv").read_text().replace("p0,Reyes,Ana,1985-03-27", "p0,Reyes,Ana,27.3.85")

    result = registry.load_text(changed.replace("208,2021-04-02", "208,2.4.21"))

    assert (result.rejected, result.vanished) == (4, Vanished(people=0, doses=0))
    assert [len(registry.find(number).immunizations) for number in range(3)] == [2, 2, 2]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("export.ndjson", '{"resourceType": "Patient", "id": "p0", "birthDate": "1985-03"}'),
        ("export.json", '{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "p0"}}]}'),
        ("export.ndjson", '{"resourceType": "Immunization", "id": "d", "patient": {"reference": "Patient/p0"}}'),
        ("export.hl7", "MSH|^~\\&|A|B|||2024||VXU^V04|1|P|2.5.1\rPID|1||p0^^^IIS^SR||Reyes^Ana||1985\r"),
        ("export.hl7", "MSH|^~\\&|A|B|||2024||VXU^V04|1|P|2.5.1\rPID|1||p0^^^IIS^SR||Reyes^Ana||1985\rRXA|0|1\r"),
    ],
    ids=["a Patient", "a Patient in a Bundle", "an Immunization", "a PID", "an RXA"],
)
def test_whoever_is_named_in_what_was_rejected_stays(registry, name, content):
    registry.load(range(2))

    result = registry.load_text(content, name=name)

    assert result.rejected
    assert result.vanished == Vanished(people=1, doses=1)
    assert len(registry.find(0).immunizations) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("people.csv", f"{HEADER}Reyes,Ana,1985-03-27\n"),
        ("people.csv", f"{HEADER},Reyes,Ana,1985-03-27,,,\n"),
        ("export.ndjson", '{"resourceType": "Patient", "birthDate": "1985-03-27"}'),
        ("export.ndjson", '{"resourceType": "Immunization", "id": "d1"}'),
        ("export.hl7", "MSH|^~\\&|A|B|||2024||VXU^V04|1|P|2.5.1\rPID|1||||Reyes^Ana||19850327\r"),
    ],
    ids=["fields are missing", "no id", "a Patient without id", "an Immunization of nobody", "a PID without id"],
)
def test_where_a_rejected_record_may_be_anybodys_nobody_is_removed(registry, name, content):
    registry.load(range(2))

    result = registry.load_text(content, name=name)

    assert (result.vanished, result.kept) == (None, "1 of the rejected records do not say whose they are")
    assert registry.find(0)
