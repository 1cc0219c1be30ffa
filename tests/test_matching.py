"""Who is found, who is not, and who is never taken for whom."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.iis.matching import best_match
from bot.iis.names.folding import words
from bot.records import Demographics, VaccineRecord

PHONE = "+13605550100"
BORN = date(1985, 3, 27)


def person(given, family, *, suffix=None, born=BORN, phones=(PHONE,), emails=()):
    record_id = f"{given} {family} {suffix} {born}"
    names = tuple(given.split())
    return VaccineRecord(record_id, family, names, born, suffix, (), frozenset(phones), frozenset(emails))


def asked(first, last, born=BORN, contact=PHONE):
    return Demographics(first, last, born, contact)


@pytest.mark.parametrize(
    ("first", "last", "given_names", "family"),
    [
        ("Ana", "Reyes", "Ana", "Reyes"),
        ("aNA", " REYES ", "Ana", "Reyes"),
        ("Jose", "Munoz", "José", "Muñoz"),
        ("José", "Muñoz", "JOSE", "MUNOZ"),
        ("Lukasz", "Zolc", "Łukasz", "Żółć"),
        ("Jurgen", "Gross", "Jürgen", "Groß"),
        ("Niamh", "OBrien", "Niamh", "O’Brien"),
        ("Niamh", "O Brien", "Niamh", "O'Brien"),
        ("Jean Luc", "Picard", "Jean-Luc", "Picard"),
        ("JeanLuc", "Picard", "Jean-Luc", "Picard"),
        ("Penelope", "de la Cruz", "Penelope", "Delacruz"),
        ("Penelope", "Cruz", "Penelope", "de la Cruz"),
        ("Reyes", "Ana", "Ana", "Reyes"),
        ("Ana María", "Reyes", "Ana", "Reyes"),
        ("Ana", "Reyes", "Ana María", "Reyes"),
        ("María", "Reyes", "Ana María", "Reyes"),
        ("Ana M.", "Reyes", "Ana María", "Reyes"),
        ("Ana María", "Reyes", "Ana M", "Reyes"),
        ("José", "Peña", "José Ángel", "Muñoz-Peña"),
        ("José", "Muñoz", "José Ángel", "Muñoz-Peña"),
        ("José Muñoz", "Peña", "José Ángel", "Muñoz-Peña"),
        ("Ana", "Reyes López", "Ana", "Reyes"),
        ("Ana María Luz", "Reyes de la Cruz", "Ana", "Reyes"),
        ("Robert", "Hayes Jr.", "Robert", "Hayes"),
        ("Robert", "Hayes", "Robert", "Hayes III"),
        ("Suharto", "Suharto", "", "Suharto"),
        ("Suharto", "-", "", "Suharto"),
        ("小明", "王", "小明", "王"),
        ("王", "小明", "小明", "王"),
        ("민준", "김", "민준", "김"),
        ("أَحْمَد", "علي", "احمد", "علي"),
        ("Фёдор", "Королёв", "Федор", "КОРОЛЕВ"),
        ("किरण", "शर्मा", "किरण", "शर्मा"),
        ("ｱﾝﾅ", "サトウ", "アンナ", "サトウ"),
        ("Ana", "Rayes", "Ana", "Reyes"),
        ("Catherine", "Reyes", "Catheirne", "Reyes"),
        ("Nicolas", "Reyes", "Nicholas", "Reyes"),
        ("Anna", "Müller", "Anna", "Mueller"),
        ("Ana Nicolas", "Reyes", "Nicholas", "Reyes"),
        ("Rayes", "Ana", "Ana", "Reyes"),
        ("Bob", "Hayes", "Robert", "Hayes"),
        ("Pepe", "Reyes", "José", "Reyes"),
        ("Muhammad", "Haddad", "Mohamed", "Haddad"),
        ("Dmitry", "Petrov", "Дмитрий", "Петров"),
    ],
)
def test_the_same_person_is_found_when_she_writes(first, last, given_names, family):
    record = person(given_names, family)

    assert best_match(asked(first, last), [record]) is record


@pytest.mark.parametrize(
    ("first", "last", "given_names", "family"),
    [
        ("Ana", "Reyes", "Rosa", "Reyes"),
        ("Ana", "Reyes", "Ana", "Lopez"),
        ("Ana", "", "Ana", "Reyes"),
        ("", "Reyes", "Ana", "Reyes"),
        ("", "", "", ""),
        ("...", "???", "Ana", "Reyes"),
        ("A", "Reyes", "Ana", "Reyes"),
        ("Ana", "R", "Ana", "Reyes"),
        ("Mia", "Reyes", "Lia", "Reyes"),
        ("Daniel", "Reyes", "Danielle", "Reyes"),
        ("Daniela", "Reyes", "Daniel", "Reyes"),
        ("Julie", "Reyes", "Julia", "Reyes"),
        ("Jayden", "Reyes", "Hayden", "Reyes"),
        ("María José", "Reyes", "María Fernanda", "Reyes"),
        ("Ana", "Reyes Lopez", "Ana", "Reyes Garcia"),
        ("Nicolas", "Rayes", "Nicholas", "Reyes"),
        ("小明", "王", "小红", "王"),
        ("かな", "さとう", "がな", "さとう"),
        ("Reyes", "Reyes", "Ana", "Reyes"),
    ],
)
def test_somebody_else_is_not_found_when_she_writes(first, last, given_names, family):
    assert best_match(asked(first, last), [person(given_names, family)]) is None


@pytest.mark.parametrize(
    "record",
    [
        person("Ana", "Reyes", phones=["+13605550101"]),
        person("Ana", "Reyes", phones=[], emails=["ana@example.org"]),
        person("Ana", "Reyes", phones=[]),
        person("Ana", "Reyes", born=date(1985, 3, 28)),
        person("Ana", "Reyes", born=date(1985, 7, 23)),
    ],
    ids=["another phone", "an email only", "no contact", "a day later", "another month"],
)
def test_a_name_is_not_enough_when_the_record_has(record):
    assert best_match(asked("Ana", "Reyes"), [record]) is None


def test_an_email_on_the_record_is_a_contact_too():
    record = person("Ana", "Reyes", phones=[], emails=["ana@example.org"])

    assert best_match(asked("Ana", "Reyes", contact="ana@example.org"), [record]) is record


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("Mia", "Reyes", "Mia"),
        ("Lia", "Reyes", "Lia"),
        ("lia", "Rayes", "Lia"),
        ("Reyes", "Mia", "Mia"),
        ("Mia Rose", "Reyes", "Mia"),
        ("Nia", "Reyes", None),
        ("M", "Reyes", None),
        ("", "Reyes", None),
    ],
)
def test_of_mia_and_lia_she_gets(first, last, found):
    twins = [person("Mia", "Reyes"), person("Lia", "Reyes")]

    record = best_match(asked(first, last), twins)

    assert (record and record.given[0]) == found


@pytest.mark.parametrize(
    ("first", "found"),
    [
        ("Daniel", "Daniel"),
        ("Danielle", "Danielle"),
        ("DANIELLE", "Danielle"),
        ("Daniell", None),
        ("Daniele", None),
        ("Danile", None),
        ("Dan", None),
    ],
)
def test_of_daniel_and_danielle_she_gets(first, found):
    twins = [person("Daniel", "Reyes"), person("Danielle", "Reyes")]

    record = best_match(asked(first, "Reyes"), twins)

    assert (record and record.given[0]) == found


@pytest.mark.parametrize(
    ("first", "found"),
    [("María José", "José"), ("Maria Fernanda", "Fernanda"), ("Fernanda", "Fernanda"), ("María", None)],
)
def test_of_twins_who_share_a_first_given_name_she_gets(first, found):
    twins = [person("María José", "Reyes"), person("María Fernanda", "Reyes")]

    record = best_match(asked(first, "Reyes"), twins)

    assert (record and record.given[1]) == found


def test_a_name_that_is_true_of_two_people_finds_neither():
    two = [person("Mohammed", "Ali"), person("Mohammed Hassan", "Ali")]

    assert best_match(asked("Mohammed", "Ali"), two) is None
    assert best_match(asked("Mohammed Hassan", "Ali"), two) is two[1]


def test_two_records_with_the_same_name_and_different_suffixes_find_neither():
    two = [person("Robert", "Hayes", suffix="Sr."), person("Robert", "Hayes", suffix="Jr.")]

    assert best_match(asked("Robert", "Hayes"), two) is None


def test_father_and_son_of_the_same_name_are_told_apart_by_the_birth_date():
    father = person("Robert", "Hayes", suffix="Sr.", born=date(1952, 10, 10))
    son = person("Robert", "Hayes", suffix="Jr.", born=date(1981, 6, 23))

    assert best_match(asked("Robert", "Hayes", born=son.birth_date), [father, son]) is son
    assert best_match(asked("Robert", "Hayes", born=father.birth_date), [father, son]) is father


def test_a_slip_finds_her_beside_a_twin_whose_name_is_quite_another():
    twins = [person("Nicholas", "Reyes"), person("Al", "Reyes")]

    assert best_match(asked("Nicolas", "Reyes"), twins) is twins[0]
    assert best_match(asked("Al", "Rayes"), twins) is twins[1]


def test_nobody_is_found_among_nobody():
    assert best_match(asked("Ana", "Reyes"), []) is None


names = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Lm", "Mn", "Mc"]), min_size=1, max_size=12)
anything = st.text(max_size=20)
slips = st.sampled_from(["Daniel", "Daniell", "Danielle", "Danil", "Dan", "Ana", "Anna", "Mia Rose", "Mia"])


@given(names, names)
def test_whoever_writes_her_name_as_the_registry_does_is_found(first, last):
    assume(words(first) and words(last))
    record = person(first, last)

    assert best_match(asked(first, last), [record]) is record
    assert best_match(asked(last, first), [record]) is record


@given(anything, anything, anything, anything)
def test_a_second_record_just_like_the_first_means_nobody(first, last, given_names, family):
    record = person(given_names, family)
    again = person(given_names, family)

    assert best_match(asked(first, last), [record, again]) is None


@given(slips, st.lists(slips, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(first, given_names, random):
    candidates = [person(name, "Reyes") for name in given_names]
    shuffled = random.sample(candidates, len(candidates))

    assert best_match(asked(first, "Reyes"), candidates) is best_match(asked(first, "Reyes"), shuffled)


@given(slips, st.lists(slips, unique=True, max_size=4))
def test_one_more_twin_never_makes_her_get_another_person(first, given_names):
    candidates = [person(name, "Reyes") for name in given_names]
    found = best_match(asked(first, "Reyes"), candidates)

    for twin in (person(name, "Reyes") for name in ("Daniele", "Anna", "Mia")):
        assert best_match(asked(first, "Reyes"), [*candidates, twin]) in (found, None, twin)
