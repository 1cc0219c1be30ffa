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
        (self.folder / name).write_text(HEADER + "".join(lines))
        return load_files(self.url, [self.folder / name], rejects=self.folder / "rejects.csv", full=full)

    def find(self, number):
        return self.iis.find(Demographics("Ana", "Reyes", date(1985, 3, 27), f"+136055{number:05}"))


@pytest.fixture(params=["sqlite", "postgresql"])
def registry(request, tmp_path):
    sqlite = request.param == "sqlite"
    registry = Registry(tmp_path, f"sqlite:///{tmp_path}/iis.db" if sqlite else request.getfixturevalue("postgres_url"))
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
