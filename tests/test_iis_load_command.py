"""`vaxtext iis load` and `vaxtext iis upgrade`, as an operator types them."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import cli
from bot.iis.sql.iis import SqlIIS

HEADER = "person_id,family,given,birth_date,dose_id,cvx,date,status\n"


@pytest.fixture(autouse=True)
def _settings(monkeypatch, nobodys_settings, tmp_path):
    monkeypatch.setenv("FLOW", str(Path(__file__).parent.parent / "flows/vaccine_record"))
    monkeypatch.setenv("IIS_URL", f"sqlite:///{tmp_path}/iis.db")


def load(*lines, options=()):
    Path("people.csv").write_text(HEADER + "".join(f"{line}\n" for line in lines))
    return CliRunner().invoke(cli, ["iis", "load", "people.csv", *options])


def test_the_end_says_what_came_what_dropped_out_and_what_is_there():
    shot = "p1,Reyes,Ana,1985-03-27"
    done = load(
        f"{shot},d1,208,2021-04-08,",
        f"{shot},d2,208,2021-04-08,CP",
        f"{shot},d3,208,2021-04-29,RE",
        "p2,Okafor,Grace,1968,,,,",
        options=["--rejects", "mine.csv"],
    )

    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "People: 1. Doses: 2.",
        "Dropped, as entered in error, refused or deleted: 1 doses.",
        "Rejected: 1, listed in mine.csv.",
        "The registry holds 1 people and 2 doses. Double reports: 1.",
    ]
    assert "people.csv,5," in Path("mine.csv").read_text()


def test_a_load_of_nothing_but_rejects_fails():
    assert load("p2,Okafor,Grace,1968,,,,").exit_code == 1


GOOD, WRONG = "p{},Reyes,Ana,1985-03-27,,,,", "p{},Reyes,Ana,27.3.1985,,,,"


@pytest.mark.parametrize(
    ("good", "wrong", "status"),
    [(10, 10, 0), (110, 12, 0), (110, 13, 1), (10, 30, 1)],
    ids=["few in a small file", "one in ten", "more", "most"],
)
def test_a_load_of_which_much_was_rejected_keeps_the_rest_says_so_and_fails(good, wrong, status):
    lines = [GOOD.format(number) for number in range(good)] + [WRONG.format(1000 + number) for number in range(wrong)]

    done = load(*lines)

    assert done.exit_code == status
    told = f"people.csv: {wrong} of {good + wrong} records were rejected. Has the export changed?"
    assert (told in done.stderr) == bool(status)
    assert f"The registry holds {good} people" in done.stdout


def test_a_file_of_which_much_was_rejected_is_seen_beside_a_large_one():
    load(*(WRONG.format(number) for number in range(20)))
    Path("people.csv").rename("county.csv")

    done = load(*(GOOD.format(number) for number in range(1000)), options=["county.csv"])

    assert done.exit_code == 1
    assert "county.csv: 20 of 20 records were rejected." in done.stderr


def test_many_small_files_of_which_most_are_rejected_are_seen():
    for number in range(20):
        Path(f"{number}.csv").write_text(f"{HEADER}{WRONG.format(number)}\n")

    done = load(GOOD.format(1), options=[f"{number}.csv" for number in range(20)])

    assert done.exit_code == 1
    assert "all files: 20 of 21 records were rejected." in done.stderr


def test_a_full_load_says_who_was_removed():
    people = [f"p{number},Reyes,Ana,1985-03-27,,,," for number in range(3)]
    load(*people)

    done = load(*people[1:], options=["--full"])

    assert "Removed: 1 people, 0 doses." in done.stdout
    assert done.exit_code == 0


def test_a_full_load_that_removed_nobody_says_why_and_fails():
    load(*(f"p{number},Reyes,Ana,1985-03-27,,,," for number in range(20)))

    done = load("p0,Reyes,Ana,1985-03-27,,,,", options=["--full"])

    assert done.exit_code == 1
    assert done.stderr.endswith("Error: Nobody was removed: 19 of 20 people are not in these files.\n")


def test_a_reject_file_that_cannot_be_written_is_a_sentence():
    Path("a").touch()

    done = load("p2,,,,,,,", options=["--rejects", "a/b.csv"])

    assert done.exit_code == 1
    assert "Not a directory" in done.stderr
    assert "Traceback" not in done.output


def test_upgrade_makes_the_tables(tmp_path):
    done = CliRunner().invoke(cli, ["iis", "upgrade"])

    assert done.exit_code == 0
    SqlIIS(f"sqlite:///{tmp_path}/iis.db").ping()
