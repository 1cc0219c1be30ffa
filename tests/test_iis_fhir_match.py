"""The questions by which a FHIR server is asked for one person."""

from datetime import date

import pytest

from bot.iis.fhir.match import match_parameters, name_words, searches, spellings
from bot.iis.fhir.standing import successor
from bot.ports import IISRejected
from bot.records import Demographics

ANA = Demographics("Ana María", "Reyes", date(1985, 3, 27), "+13605550100")
PRIYA = Demographics("Priya", "Natarajan", date(1994, 4, 17), "priya|n@example.org")
ALL = frozenset("birthdate name family given telecom phone email".split())


def asked(listed, who=ANA):
    """The names of the parameters of each search."""
    return [[name for name in search if name != "_count"] for search in searches(who, frozenset(listed))]


def test_match_gets_all_that_we_know_and_shows_uncertain_matches_too():
    resource, certain, count = match_parameters(ANA)["parameter"]

    assert resource["resource"] == {
        "resourceType": "Patient",
        "name": [{"family": "Reyes", "given": ["Ana", "María"]}],
        "telecom": [{"system": "phone", "value": "+13605550100"}],
        "birthDate": "1985-03-27",
    }
    assert certain == {"name": "onlyCertainMatches", "valueBoolean": False}
    assert count["valueInteger"] > 1


def test_an_email_is_asked_for_as_an_email():
    assert match_parameters(PRIYA)["parameter"][0]["resource"]["telecom"][0]["system"] == "email"


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (ALL, [["telecom", "birthdate"], ["name", "birthdate"]]),
        ((), [["telecom", "birthdate"], ["name", "birthdate"]]),
        (("birthdate", "phone", "email", "name"), [["phone", "birthdate"], ["name", "birthdate"]]),
        (("birthdate", "family", "given"), [["family", "birthdate"], ["given", "birthdate"]]),
        (("birthdate", "family"), [["family", "birthdate"]]),
        (("birthdate", "telecom"), [["telecom", "birthdate"]]),
        (("birthdate", "email", "name"), [["name", "birthdate"]]),
    ],
)
def test_searches_use_what_the_server_lists(listed, expected):
    assert asked(listed) == expected


@pytest.mark.parametrize("listed", [{"name", "telecom"}, {"birthdate"}, {"birthdate", "gender"}, {"_id"}])
def test_a_server_that_cannot_be_asked_for_one_person_needs_somebody_to_look(listed):
    with pytest.raises(IISRejected, match=r"no \$match"):
        searches(ANA, frozenset(listed))


def test_what_separates_values_is_escaped():
    (by_contact, _) = searches(PRIYA, ALL)

    assert by_contact["telecom"] == "priya\\|n@example.org"


def test_a_phone_is_asked_for_as_clerks_may_have_written_it():
    assert {"+13605550100", "3605550100", "360-555-0100", "(360) 555-0100", "360.555.0100"} <= set(
        spellings("+13605550100")
    )
    assert {"+525512345678", "5512345678", "+52 55 1234 5678"} <= set(spellings("+525512345678"))
    assert spellings("+9990000000") == ["+9990000000"]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("Ana", "Reyes", {"Ana", "Reyes"}),
        ("José Ángel", "Muñoz-Peña", {"José", "jose", "Ángel", "angel", "Muñoz", "munoz", "Peña", "pena"}),
        ("Margaret", "O'Neill", {"Margaret", "O'Neill", "oneill"}),
        ("M.", "Lee", {"Lee"}),
        ("小明", "王", {"小明", "王"}),
        ("O", "E", {"O", "E"}),
        ("'", "-", set()),
    ],
)
def test_any_of_her_names_may_find_her(first, last, expected):
    assert set(name_words(Demographics(first, last, date(1985, 3, 27), "+13605550100"))) == expected


def test_names_without_a_letter_are_not_searched_by():
    nameless = Demographics("'", "-", date(1985, 3, 27), "+13605550100")

    assert asked(ALL, nameless) == [["telecom", "birthdate"]]


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        (None, None),
        ([{"type": "replaced-by", "other": {"reference": "Patient/p2"}}], "Patient/p2"),
        ([{"type": "refer", "other": {"reference": "Patient/p2"}}], "Patient/p2"),
        ([{"type": "replaces", "other": {"reference": "Patient/p2"}}], None),
        ([{"type": "seealso", "other": {"reference": "Patient/p2"}}], None),
        ([{"type": "replaced-by"}], ""),
        ([{"type": "replaced-by", "other": {"identifier": {"value": "7"}}}], ""),
        (["replaced-by"], None),
        ({"type": "replaced-by"}, None),
    ],
)
def test_the_record_that_stands_for_a_merged_one(links, expected):
    assert successor({"resourceType": "Patient", "link": links}) == expected
