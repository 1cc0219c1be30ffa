"""What an operator meets at three in the morning ends in a sentence and status 1, and nothing is lost."""

import gzip
import json
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import cli
from bot.iis.loading.loads import only_load
from bot.iis.sql.counts import count
from bot.iis.sql.engine import writer

FLOW = str(Path(__file__).parents[1] / "flows/vaccine_record")
HEADER = "person_id,family,given,birth_date,phone,cvx,date\n"
ANA = "p1,Reyes,Ana,1985-03-27,360-555-0100,208,2021-04-08\n"
PATIENT = json.dumps({"resourceType": "Patient", "id": "p2", "name": [{"family": "Reyes"}], "birthDate": "1985-03-27"})
HL7 = "MSH|^~\\&|EHR|CLINIC|||20240618||VXU^V04|1|P|2.5.1\rPID|1||7^^^MYIIS^SR||Reyes^Ana^^^^^L||19850327|F\r"
MANY = HEADER + "".join(f"p{n},Reyes,Ana,1985-03-27,36055{n:05},208,2021-04-08\n" for n in range(20_000))
ALL_WRONG = HEADER + "p1,Reyes\n" * 40_000


@pytest.fixture(autouse=True)
def _settings(monkeypatch, nobodys_settings, tmp_path):
    monkeypatch.setenv("FLOW", FLOW)
    monkeypatch.setenv("IIS_URL", f"sqlite:///{tmp_path}/iis.db")
    Path("good.csv").write_text(HEADER + ANA)


def load(*arguments):
    """As typed in a terminal; status 1 and a sentence, or status 0."""
    done = CliRunner().invoke(cli, ["iis", "load", *arguments])
    assert done.exit_code in (0, 1), done.output
    assert ("Error: " in done.stderr) == (done.exit_code == 1)
    return done


def held(tmp_path):
    counts = count(f"sqlite:///{tmp_path}/iis.db")
    return counts.people, counts.doses


def people(tmp_path):
    with writer(f"sqlite:///{tmp_path}/iis.db") as engine, engine.connect() as connection:
        return connection.exec_driver_sql("SELECT id FROM person").scalars().all()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("export.ndjson", "", "the file is empty"),
        ("export.gz", gzip.compress(b""), "the file is empty"),
        ("export.ndjson", "\n\n", "the file is empty"),
        ("export.hl7", "\n\n", "the file is empty"),
        ("export.csv", HEADER + ANA[:-12], "without an end of the line: the file may be cut off here"),
        ("export.ndjson", f"{PATIENT}\n{PATIENT[:-9]}", "not a JSON object: the file is cut off here"),
        ("export.json", json.dumps(json.loads(PATIENT), indent=1)[:-9], "not a JSON object: is the file cut off?"),
        ("export.hl7", f"FHS|^~\\&|X\rBHS|^~\\&|X\r{HL7}", "its batch does not end (BTS, FTS): the file is cut off"),
        ("export.csv.gz", gzip.compress(MANY.encode())[:9000], "the file is cut off or damaged"),
        ("export.csv", f"{HEADER}p1,{'x' * 2_000_000}\n", "a line of more than 1,000,000 characters"),
        ("export.hl7", f"{HL7}NTE|{'x' * 5_000_000}\r", "message too long"),
    ],
    ids=[
        "empty",
        "empty gz",
        "blank NDJSON",
        "blank HL7",
        "CSV cut",
        "NDJSON cut",
        "JSON cut",
        "HL7 batch cut",
        "gz cut",
        "line too long",
        "HL7 too long",
    ],
)
def test_a_file_that_is_not_whole_is_named_and_the_others_are_loaded(tmp_path, name, content, reason):
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())

    done = load(name, "good.csv")

    assert done.exit_code == 1
    assert f"Error: Not read to its end: {name}" in done.stderr
    assert reason in done.stderr
    assert "Get the file anew, and load it again." in done.stderr
    assert "p1" in people(tmp_path)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("folder", "Is a directory"),
        ("nowhere", "No such file or directory"),
        ("circle", "Too many levels of symbolic links"),
    ],
)
def test_what_is_no_file_is_named_and_the_others_are_loaded(tmp_path, name, reason):
    Path("folder").mkdir()
    Path("circle").symlink_to("circle")

    done = load(name, "good.csv")

    assert f"Error: Not read to its end: {name}: {reason}." in done.stderr
    assert "Get the file anew" not in done.stderr or name == "circle"
    assert people(tmp_path) == ["p1"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("export.csv", HEADER.replace("cvx", "vaccine") + ANA, "Mend its first line, and load it again."),
        ("export.xlsx", "PK", "Export it in one of these forms, and load that."),
        ("export.json", f"[{PATIENT}]", "no JSON object. Write it as a Bundle, or as NDJSON"),
        ("export.ndjson", f"[\n{PATIENT}\n]\n", "no JSON object. Write it as a Bundle, or as NDJSON"),
    ],
    ids=["a wrong column", "a spreadsheet", "a list", "a list over several lines"],
)
def test_what_no_new_copy_of_the_file_would_mend_is_not_told_to_be_got_anew(tmp_path, name, content, told):
    Path(name).write_text(content)

    done = load(name, "good.csv")

    assert done.exit_code == 1
    assert told in done.stderr
    assert "Get the file anew" not in done.stderr
    assert people(tmp_path) == ["p1"]


def test_a_document_over_several_lines_is_known_without_its_name(tmp_path):
    Path("export").write_text(json.dumps(json.loads(PATIENT), indent=1))

    assert load("export").exit_code == 0
    assert people(tmp_path) == ["p2"]


@pytest.mark.parametrize(
    "content", [(HEADER + ANA).encode(), gzip.compress((HEADER + ANA).encode())], ids=["plain", "gz"]
)
def test_a_pipe_is_read_like_a_file(tmp_path, content):
    os.mkfifo("pipe")
    writing = threading.Thread(target=lambda: Path("pipe").write_bytes(content))
    writing.start()

    done = load("pipe")

    writing.join()
    assert done.exit_code == 0
    assert held(tmp_path) == (1, 1)


def load_with_little_room(*arguments, room=300_000):
    """In a process whose files may not grow beyond `room` bytes."""

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    command = [sys.executable, "-m", "bot.cli", "iis", "load", *arguments]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    return subprocess.run(command, check=False, capture_output=True, text=True, preexec_fn=limit, env=environment)


def test_a_full_disk_is_named_and_with_room_the_same_load_goes_through(tmp_path):
    Path("many.csv").write_text(MANY)

    done = load_with_little_room("many.csv")

    assert done.returncode == 1
    assert "The load ended early: the disk with the registry's file" in done.stderr
    assert "load the same files again; what was read already is kept." in done.stderr
    assert "Traceback" not in done.stderr
    assert load("many.csv").exit_code == 0
    assert held(tmp_path) == (20_000, 20_000)


def test_a_full_disk_under_the_list_of_rejects_is_named():
    Path("wrong.csv").write_text(ALL_WRONG)

    done = load_with_little_room("wrong.csv")

    assert done.returncode == 1
    assert "The load ended early: var/iis_rejects.csv: File too large." in done.stderr


def test_a_file_of_the_registry_that_was_moved_away_in_mid_load_is_named(tmp_path):
    os.mkfifo("pipe")

    def write():
        with Path("pipe").open("w") as pipe:
            pipe.write(HEADER + ANA)
            pipe.flush()
            Path("iis.db").rename("old.db")  # the load runs: it has opened the pipe

    writing = threading.Thread(target=write)
    writing.start()

    done = load("pipe")

    writing.join()
    assert done.exit_code == 1
    assert "the file of IIS_URL was moved or deleted while the load ran" in done.stderr


def test_a_second_load_is_told_to_wait(tmp_path):
    url = f"sqlite:///{tmp_path}/iis.db"

    with writer(url) as engine, only_load(engine):
        done = load("good.csv")

    assert done.exit_code == 1
    assert "another load is still running: wait for its end." in done.stderr
    assert load("good.csv").exit_code == 0


def test_a_file_that_another_program_locks_is_named(tmp_path):
    load("good.csv")

    with writer(f"sqlite:///{tmp_path}/iis.db") as engine, engine.begin():
        done = load("good.csv", "--patience", "1")

    assert done.exit_code == 1
    assert "another program keeps the registry's file locked: end that first." in done.stderr


@pytest.mark.parametrize(
    "make", [Path.mkdir, os.mkfifo, lambda path: path.write_text("mine")], ids=["folder", "pipe", "file"]
)
def test_a_list_of_rejects_takes_the_place_of_nothing_else(make):
    make(Path("precious"))

    done = load("good.csv", "--rejects", "precious")

    assert done.exit_code == 1
    assert "precious: is there already, and is no list of rejects: name another with --rejects." in done.stderr
    assert Path("precious").exists()


def test_a_list_of_rejects_that_cannot_be_made_is_known_before_the_load_begins(tmp_path):
    Path("file").touch()

    done = load("good.csv", "--rejects", "file/rejects.csv")

    assert done.exit_code == 1
    assert "file/rejects.csv: Not a directory." in done.stderr


def test_a_file_of_the_registry_that_is_damaged_is_named(tmp_path):
    load("good.csv")
    Path("iis.db").write_bytes(b"Dear registry, " * 1000)

    done = load("good.csv")

    assert done.exit_code == 1
    assert "the file in IIS_URL is no SQLite database." in done.stderr


def test_a_registry_in_a_folder_that_is_none_is_named(monkeypatch):
    monkeypatch.setenv("IIS_URL", "sqlite:////dev/null/iis.db")

    done = load("good.csv")

    assert done.exit_code == 1
    assert "/dev/null: " in done.stderr
