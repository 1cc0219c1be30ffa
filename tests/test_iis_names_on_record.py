"""A person has several names: which one is shown, by which she is found, and whom that must not find."""

from dataclasses import replace
from datetime import date

import pytest

from bot.iis.fhir.resources import patient
from bot.iis.hl7v2.lexing import lex
from bot.iis.hl7v2.patients import patient as person_of
from bot.iis.matching import best_match
from bot.iis.names_on_record import MOST, names_besides
from bot.records import Demographics, PersonName, VaccineRecord

SMITH, REYES = PersonName("Smith", ("Ana",)), PersonName("Reyes", ("Ana",))
BORN, PHONE = date(2015, 5, 9), "+13605550105"


def fhir(*names):
    named = [
        dict(zip(("family", "given"), (family, given.split()), strict=True)) | more for family, given, more in names
    ]
    return patient({"resourceType": "Patient", "id": "p1", "birthDate": "1985-03-27", "name": named})


def hl7(names):
    (pid,) = lex(f"MSH|^~\\&|A|B|||20240101||VXU^V04|1|P|2.5.1\rPID|1||7^^^R^SR||{names}||19850327").all("PID")
    return person_of(pid)


def record(id, *names, **more):
    official, *others = names
    return VaccineRecord(
        id,
        official.family,
        official.given,
        BORN,
        official.suffix,
        (),
        frozenset({PHONE}),
        other_names=tuple(others),
        **more,
    )


def found(first, last, *records):
    best = best_match(Demographics(first, last, BORN, PHONE), records)
    return best and best.patient_id


@pytest.mark.parametrize(
    "person",
    [
        fhir(("Smith", "Ana", {"use": "official"}), ("Reyes", "Ana", {"use": "maiden"})),
        fhir(("Reyes", "Ana", {"use": "old"}), ("Smith", "Ana", {})),
        fhir(("Reyes", "Ana", {"use": "official", "period": {"end": "2001"}}), ("Smith", "Ana", {"use": "usual"})),
        fhir(("Reyes", "", {"use": "maiden"}), ("Smith", "Ana", {"period": {"end": "9999-12-31"}})),
        hl7("Smith^Ana^^^^^L~Reyes^Ana^^^^^M"),
        hl7("Reyes^Ana^^^^^M~Smith^Ana^^^^^L"),
        hl7("Reyes^Ana^^^^^L^^^19850327&20010101~Smith^Ana"),
        hl7("Reyes^Ana^^^^^L^^^^^^20010101~Smith^Ana"),
        hl7("Smith^Ana^^^^^L~Reyes^^^^^^A"),
    ],
    ids=lambda person: "",
)
def test_the_name_that_holds_is_shown_and_the_others_are_kept(person):
    assert person.names == (SMITH, REYES)


@pytest.mark.parametrize(
    "person",
    [
        fhir(("Smith", "Ana", {}), ("Smith", "Baby Girl", {"use": "temp"}), ("Doe", "Jane", {"use": "anonymous"})),
        fhir(("Smith", "Ana", {}), ("Smith", "Ana", {"use": "usual"})),
        hl7("Smith^Ana^^^^^L~Doe^Jane^^^^^S~Smith^Bob^^^^^P"),
    ],
    ids=["of many", "the same", "a code, her husband"],
)
def test_a_name_that_is_not_hers_alone_is_not_kept(person):
    assert person.other_names == ()


def test_a_name_that_is_over_is_shown_if_there_is_no_other():
    assert fhir(("Reyes", "Ana", {"use": "old"})).name == "Ana Reyes"


def test_a_son_keeps_his_suffix_in_all_his_names():
    robert = PersonName("Hayes", ("Robert",), "Jr.")
    son = record("son", robert, *names_besides(robert, [PersonName("Hayes", ("Bob",))]))

    assert found("Bob", "Hayes Jr", son) == "son"
    assert found("Bob", "Hayes Sr", son) is None
    assert found("Bob", "Hayes III", son) is None


def test_very_many_names_are_not_all_compared():
    assert len(names_besides(SMITH, [PersonName(f"Reyes{n}", ("Ana",)) for n in range(99)])) == MOST


def test_the_old_name_of_one_is_the_name_of_another_and_finds_neither():
    bride, other = record("bride", SMITH, REYES), record("other", REYES)

    assert found("Ana", "Reyes", bride, other) is None
    assert found("Ana", "Smith", bride, other) == "bride"


def test_twins_stay_apart_by_all_their_names():
    mia = record("mia", PersonName("Thompson", ("Mia",)), PersonName("Reyes", ("Mia",)))
    lia = record("lia", PersonName("Thompson", ("Lia",)), PersonName("Reyes", ("Lia",)))

    assert [found(first, "Reyes", mia, lia) for first in ("Mia", "Lia", "Nia")] == ["mia", "lia", None]


def test_who_died_is_found_for_nobody_and_still_stands_beside_her_twin():
    one, two = PersonName("Reyes", ("Daniel",)), PersonName("Reyes", ("Dannial",))

    assert found("Dannial", "Reyes", record("1", one), record("2", two, died=True)) is None
    assert found("Daniel", "Reyes", record("1", one), record("2", two, died=True)) == "1"
    assert found("Daniel", "Reyes", record("1", one), record("2", one, died=True)) is None


def test_names_say_nothing_of_themselves():
    assert "Reyes" not in repr(REYES) + repr(replace(record("1", SMITH, REYES)))
