"""Which files a load takes, what it says of those it cannot read, and what it leaves alone."""

import gzip
import json
import stat

import pytest

from bot.iis.loading.files import read_files
from bot.iis.loading.load import LoadResult, load_files
from bot.iis.sql.counts import Counts, count
from bot.iis.sql.iis import SqlIIS

PATIENT = json.dumps({"resourceType": "Patient", "id": "p1", "name": [{"family": "Reyes"}], "birthDate": "1985-03-27"})
CSV = "person_id,family,given,birth_date,cvx,date\np1,Reyes,Ana,1985-03-27,,\n"


@pytest.fixture
def load(tmp_path):
    """Loads a file of this name and content; the copy and the reject file are in the same folder."""

    def load_one(name, content):
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_files(f"sqlite:///{tmp_path}/iis.db", [file], rejects=tmp_path / "rejects.csv")

    return load_one


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("export.ndjson", PATIENT),
        ("export", f"\n {PATIENT}"),
        ("export.txt", PATIENT),
        ("people.csv", CSV),
        ("people", CSV),
        ("people.txt", CSV.encode("utf-16")),
        ("people.csv", CSV.replace(",", ";").encode("utf-8-sig")),
        ("bundle.json", json.dumps({"resourceType": "Bundle", "entry": [{"resource": json.loads(PATIENT)}]}, indent=1)),
    ],
    ids=["NDJSON", "JSON by content", "JSON in .txt", "CSV", "CSV by header", "UTF-16", "a mark and ;", "a bundle"],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_a_file_is_known_by_its_content(load, name, content, packed):
    content = content if isinstance(content, bytes) else content.encode()

    result = load(f"{name}.gz", gzip.compress(content)) if packed else load(name, content)

    assert result == LoadResult(people=1)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("people.xlsx", b"PK\x03\x04", "neither FHIR (JSON) nor HL7 v2 nor CSV"),
        ("people.csv.gz", gzip.compress(CSV.encode() * 500)[:60], "the file is cut off or damaged"),
        ("people.csv.gz", gzip.compress(CSV.encode())[:-8] + bytes(8), "the file is cut off or damaged"),
    ],
    ids=["a spreadsheet", "gzip cut off", "gzip damaged"],
)
def test_a_file_that_cannot_be_read_is_listed(load, tmp_path, name, content, reason):
    result = load(name, content)

    assert len(result.unread) == 1
    assert (tmp_path / "rejects.csv").read_text().splitlines()[-1] == f"{tmp_path}/{name},,{reason}"


def test_progress_counts_the_bytes_of_a_packed_file(tmp_path):
    file, heard = tmp_path / "people.csv.gz", []
    file.write_bytes(gzip.compress(CSV.encode()))

    list(read_files([file], heard.append))

    assert sum(heard) == file.stat().st_size


def test_the_reject_file_is_for_our_eyes_only_and_tells_nothing_of_the_person(load, tmp_path):
    load("people.csv", f"{CSV}p2,Okafor,Grace,7/19,,\n")

    rejects = tmp_path / "rejects.csv"
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    assert rejects.read_text().splitlines() == [
        "file,line,reason",
        f'{tmp_path}/people.csv,3,"birth_date is no full date, such as 1985-03-27 or 03/27/1985"',
    ]


def test_a_load_without_rejects_removes_the_list_of_the_last_one(load, tmp_path):
    load("people.csv", f"{CSV}p2,,,,,\n")
    load("people.csv", CSV)

    assert not (tmp_path / "rejects.csv").exists()


def test_second_reports_of_one_shot_are_kept_counted_and_shown_once(load, tmp_path):
    shot = "p1,Reyes,Ana,1985-03-27,208,2021-04-08"
    header = "person_id,family,given,birth_date,cvx,date,dose_id,lot"
    load("people.csv", f"{header}\n{shot},d1,EW0162\n{shot},d2,\n{shot},d3,ER8737\n")

    assert count(f"sqlite:///{tmp_path}/iis.db") == Counts(people=1, doses=3, doubles=1, wrong_dates=0)


def test_nothing_of_a_load_can_be_read_by_others_on_the_machine(load, tmp_path):
    load("people.csv", CSV)
    SqlIIS(f"sqlite:///{tmp_path}/iis.db").ping()

    assert not [file.name for file in tmp_path.glob("iis.db*") if file.stat().st_mode & 0o077]
