"""The people that testers text as."""

import re
import sqlite3

import pytest

from bot.iis.demo_people import demo_people, seed


def test_ana_comes_first_with_two_doses():
    ana = demo_people()[0]

    assert (ana.key, ana.record.name, ana.phone) == ("ana", "Ana Reyes", "+13605550100")
    assert str(ana.record.birth_date) == "1985-03-27"
    assert len(ana.record.immunizations) == 2


def test_every_key_is_used_once():
    keys = [person.key for person in demo_people()]

    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("person", demo_people(), ids=lambda person: person.key)
def test_nobody_can_be_reached_in_the_real_world(person):
    contacts = person.record.contacts | {person.phone}

    assert all(re.fullmatch(r"\+136055501\d\d|.+@example\.org", contact) for contact in contacts)


@pytest.mark.parametrize("person", demo_people(), ids=lambda person: person.key)
def test_what_a_card_shows_has_a_usual_length(person):
    assert person.shows.endswith(".")
    assert all(len(dose.lot) < 20 and len(dose.place) < 60 for dose in person.record.immunizations)


def test_every_kind_of_record_is_there():
    records = {person.key: person for person in demo_people()}

    assert {len(person.record.immunizations) for person in records.values()} >= {1, 2, 4, 9}
    assert records["priya"].record.phones == frozenset()
    assert records["tom"].phone not in records["tom"].record.phones
    assert [dose.cvx for dose in records["ben"].record.immunizations] == ["140"]
    assert "999" in [dose.cvx for dose in records["lars"].record.immunizations]
    assert [dose.cvx for dose in records["nina"].record.immunizations] == ["9999"]
    assert len({dose.date.year // 100 for dose in records["henry"].record.immunizations}) == 3


def test_seeding_twice_gives_the_same_rows(tmp_path):
    dumps = []
    for _ in range(2):
        seed(f"sqlite:///{tmp_path}/var/iis.db")
        connection = sqlite3.connect(tmp_path / "var/iis.db")
        dumps.append(sorted(connection.iterdump()))
        connection.close()

    assert dumps[0] == dumps[1]


def test_the_folder_that_seeding_makes_is_closed_to_others(tmp_path):
    seed(f"sqlite:///{tmp_path}/var/iis.db")

    assert (tmp_path / "var").stat().st_mode & 0o077 == 0
