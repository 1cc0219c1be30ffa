"""Doses in the future or before birth stay in the copy, and who can have them corrected hears how many there are."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import cli
from bot.iis.loading.load import load_files
from bot.iis.sql.counts import count
from bot.iis.sql.engine import writer
from bot.iis.sql.iis import SqlIIS
from bot.records import Demographics

ROOT = Path(__file__).parents[1]
HEADER = "person_id,family,given,birth_date,phone,dose_id,cvx,date\n"
TODAY = datetime.now(UTC).date()
BORN = TODAY - timedelta(days=3650)


@pytest.fixture
def loaded(replica_url, tmp_path):
    """A person with a dose on each of these days."""

    def load(*days):
        lines = (f"p1,Reyes,Ana,{BORN},360-555-0100,d{n},208,{day}\n" for n, day in enumerate(days))
        (tmp_path / "people.csv").write_text(HEADER + "".join(lines))
        load_files(replica_url, [tmp_path / "people.csv"], rejects=tmp_path / "rejects.csv")
        return replica_url

    return load


def days_from(day, number):
    return day + timedelta(days=number)


@pytest.mark.parametrize(
    ("day", "wrong"),
    [
        (TODAY, 0),
        (days_from(TODAY, 1), 0),
        (days_from(TODAY, 3), 1),
        (BORN, 0),
        (days_from(BORN, -1), 1),
        ("0001-01-01", 1),
        ("9999-12-31", 1),
    ],
    ids=[
        "today",
        "tomorrow, which it is in the east",
        "later",
        "birth",
        "before birth",
        "the first day",
        "the last day",
    ],
)
def test_a_date_that_cannot_be_right_is_counted(loaded, day, wrong):
    assert count(loaded(day)).wrong_dates == wrong


def test_a_dose_whose_person_is_not_there_yet_is_wrong_only_in_the_future(replica_url, loaded):
    loaded(days_from(BORN, -1), days_from(TODAY, 3))
    with writer(replica_url) as engine, engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM person")

    assert count(replica_url).wrong_dates == 1


def test_they_stay_in_the_copy(loaded):
    iis = SqlIIS(loaded(days_from(BORN, -1), TODAY, days_from(TODAY, 3)))

    record = iis.find(Demographics("Ana", "Reyes", BORN, "+13605550100"))

    assert len(record.immunizations) == 3
    iis.close()


@pytest.fixture
def vaxtext(monkeypatch, nobodys_settings, replica_url):
    monkeypatch.setenv("FLOW", str(ROOT / "flows/vaccine_record"))
    monkeypatch.setenv("IIS_URL", replica_url)
    return lambda *words: CliRunner().invoke(cli, ["iis", *words])


def test_the_end_of_a_load_and_the_check_say_how_many_and_where_to_read_on(loaded, vaxtext):
    loaded(days_from(BORN, -1), TODAY, days_from(TODAY, 3))
    told = "2 of the doses have a date that cannot be right, in the future or before birth."

    done, checked = vaxtext("load", "people.csv"), vaxtext("check")

    assert f"{told} docs/registry.md says how to list them.\n" in done.stdout
    assert f"  {told} docs/registry.md says how to list them.\n" in checked.stdout
    assert (done.exit_code, checked.exit_code) == (0, 0)


def test_where_all_are_right_only_the_check_says_so(loaded, vaxtext):
    loaded(TODAY)

    assert "cannot be right" not in vaxtext("load", "people.csv").stdout
    assert "No dose lies in the future or before birth." in vaxtext("check").stdout


def test_the_guide_lists_them(replica_url, loaded):
    loaded(days_from(BORN, -1), TODAY, days_from(TODAY, 3))
    guide = (ROOT / "docs/registry.md").read_text()
    (listing,) = re.findall(r"```\n(SELECT .*?);?\n```", guide, re.DOTALL)
    tomorrow = re.sub(r"\d{4}-\d\d-\d\d", str(days_from(TODAY, 1)), listing)

    with writer(replica_url) as engine, engine.connect() as connection:
        found = connection.exec_driver_sql(tomorrow).all()

    assert sorted(row[:2] for row in found) == [("p1", "d0"), ("p1", "d2")]
