"""Which slip in a first name is forgiven, and whose names are never taken for it."""

from datetime import date

import pytest

from benchmarks.cultures import CULTURES
from bot.iis.matching import best_match
from bot.iis.names.folding import words
from bot.iis.names.nicknames import TABLE as NICKNAMES
from bot.iis.names.slips import KINDS, MARKS, is_slip_in_given, slip_of, table
from bot.records import Demographics, VaccineRecord

PHONE, BORN = "+13605550100", date(2012, 5, 9)


def found(typed, on_record):
    record = VaccineRecord("1", "Reyes", (on_record,), BORN, phones=frozenset({PHONE}))
    return best_match(Demographics(typed, "Reyes", BORN, PHONE), [record]) is record


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Jeninfer", "Jennifer"),
        ("Chritsopher", "Christopher"),
        ("Guadallupe", "Guadalupe"),
        ("Micbael", "Michael"),
        ("Christophwer", "Christopher"),
        ("Xhristopher", "Christopher"),
    ],
    ids=[
        "neighbours swapped",
        "far inside",
        "a letter doubled",
        "the key beside",
        "a key too many",
        "the first letter",
    ],
)
def test_a_slip_in_a_well_known_name_that_can_be_no_other_is_forgiven(typed, name):
    assert found(typed, name)
    assert found(name, typed), "registries have slips too"


@pytest.mark.parametrize(
    "twins",
    """
    Daniel/Daniela Daniel/Danielle Jayden/Hayden Jaylon/Jaykon Mia/Lia Anna/Anne Ana/Anna Marina/Mariana Adriana/Ariana
    Melanie/Melannie Raina/Rania Torian/Troian Carmen/Camren Ziad/Zaid Saud/Suad Hamad/Hammad Samira/Samina
    Imtiaz/Imtiaza Khaliq/Khaliqa Nashida/Nahida Hamal/Jamal Khadijah/Kharijah Jasbir/Jagbir Lakhbir/Lakhvir
    Sukhbir/Sukhvir Sunita/Sumita Karan/Kiran Santosh/Santokh Meiping/Meiling Xiaosong/Xiaodong Thanh/Thinh Minh/Ming
    Seojun/Seojin Reiko/Rieko Naomi/Noami Kaiei/Kairi Emiko/Ekiko Bozhidar/Bozhidara Georgii/Georgio Heidi/Heisi
    Mario/Nario
    """.split(),
)
def test_twins_are_never_confused_while_one_of_them_is_not_on_record(twins):
    one, other = twins.split("/")

    assert not found(one, other)
    assert not found(other, one)


@pytest.mark.parametrize("typed", ["Ctherine", "Catherin", "Jaun", "Zna", "Suita", "Adrana", "Xiaomign"])
def test_what_is_short_or_rare_or_lacks_a_letter_is_not_forgiven(typed):
    names = ("Catherine", "Juan", "Ana", "Sunita", "Adriana", "Xiaoming")

    assert not any(found(typed, name) for name in names)


def test_no_name_in_our_lists_is_a_slip_of_another():
    names = {word for culture in CULTURES for name in culture.given for word in words(name)}
    names |= set(words(NICKNAMES.read_text("utf-8"))) | set(table())

    confused = [(typed, name) for name in table() for typed in typed_for(name) if typed in names]

    assert confused == []


def test_every_slip_in_the_table_is_read_as_it_was_written():
    for name in sorted(table())[::50]:
        for typed in typed_for(name):
            assert is_slip_in_given(typed, name), (typed, name)


def typed_for(name):
    """All that the table forgives, spelled out."""
    rows = zip(KINDS, table()[name], strict=True)
    places = {kind: [(int(place), letters) for place, letters in MARKS.findall(marks)] for kind, marks in rows}
    yield from (name[:i] + name[i + 1] + name[i] + name[i + 2 :] for i, _ in places["swapped"])
    yield from (name[: i + 1] + name[i:] for i, _ in places["doubled"])
    yield from (name[:i] + letter + name[i + 1 :] for i, letters in places["beside"] for letter in letters)
    yield from (name[:i] + letter + name[i:] for i, letters in places["added"] for letter in letters)


@pytest.mark.parametrize(
    ("name", "typed", "slip"),
    [
        ("daniel", "adniel", ("swapped", 0, "")),
        ("daniel", "danile", ("swapped", 4, "")),
        ("anna", "annna", ("doubled", 2, "")),
        ("daniel", "daniell", ("doubled", 5, "")),
        ("daniel", "daniek", ("beside", 5, "k")),
        ("daniel", "daniela", ("added", 6, "a")),
        ("daniel", "dniel", None),
        ("daniel", "daniel", None),
        ("daniel", "danilea", None),
        ("anna", "nana", ("swapped", 0, "")),
        ("anna", "", None),
        ("", "a", ("added", 0, "a")),
    ],
)
def test_a_slip_is_named_by_what_the_finger_did(name, typed, slip):
    assert slip_of(name, typed) == slip
