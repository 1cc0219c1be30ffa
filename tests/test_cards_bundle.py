"""The FHIR Bundle holds what the card needs, in the form that validators and wallets accept, and no more."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.fhir_bundle import build_bundle
from bot.records import Immunization, VaccineRecord

DOSE = Immunization("208", date(2021, 3, 14), "EL3302", "Kaiser Oakland", "PFR")
NOTHING = ["", " ", "-", "...", "unknown", "UNKNOWN", "N/A", "n/a", "{{lotNumber}}", "\x00", "Not available"]

texts = st.text(max_size=60)
doses = st.builds(Immunization, st.sampled_from(["207", "208", "213", "999"]), st.dates(), texts, texts, texts)
records = st.builds(
    VaccineRecord, st.just("p1"), st.just("Reyes") | texts, st.tuples(st.just("Ana"), texts), st.dates()
)


def record(**changes):
    known = {
        "patient_id": "p1",
        "family": "Reyes",
        "given": ("Ana", "María"),
        "birth_date": date(1985, 3, 27),
    }
    return VaccineRecord(**{**known, **changes})


def patient(**changes):
    return build_bundle(record(**changes), [DOSE])["entry"][0]["resource"]


def immunization(**changes):
    values = {"cvx": "208", "date": date(2021, 3, 14), **changes}
    return build_bundle(record(), [Immunization(**values)])["entry"][1]["resource"]


def test_a_record_with_one_dose_becomes_exactly_this():
    assert build_bundle(record(suffix="Jr."), [DOSE]) == {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {
                "fullUrl": "resource:0",
                "resource": {
                    "resourceType": "Patient",
                    "name": [{"family": "Reyes", "given": ["Ana", "María"], "suffix": ["Jr."]}],
                    "birthDate": "1985-03-27",
                },
            },
            {
                "fullUrl": "resource:1",
                "resource": {
                    "resourceType": "Immunization",
                    "status": "completed",
                    "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "208"}]},
                    "patient": {"reference": "resource:0"},
                    "occurrenceDateTime": "2021-03-14",
                    "lotNumber": "EL3302",
                    "performer": [{"actor": {"display": "Kaiser Oakland"}}],
                },
            },
        ],
    }


@pytest.mark.parametrize("lot", ["EL3302", "039K20A", "0000001", "EW-0162/B", "1234567890123456789"])
def test_a_plain_lot_number_is_kept(lot):
    assert immunization(lot=lot)["lotNumber"] == lot


@pytest.mark.parametrize("lot", ["Lot #12", "LOT12", "Lote 12", "PILOT1", "Lots of 7", "1" * 20, "🙂" * 10])
def test_a_lot_number_that_says_lot_or_has_twenty_characters_is_left_out(lot):
    assert "lotNumber" not in immunization(lot=lot)


@pytest.mark.parametrize("place", ["Kaiser Oakland", "Twenty-Nine Characters Clinic", "Clínica de la Raza"])
def test_a_short_place_is_kept(place):
    assert immunization(place=place)["performer"] == [{"actor": {"display": place}}]


@pytest.mark.parametrize("place", ["Thirty Characters Clinic Inc.!", "🏥" * 15])
def test_a_place_of_thirty_characters_is_left_out_not_cut(place):
    assert "performer" not in immunization(place=place)


def test_a_lot_number_of_which_a_character_was_lost_is_left_out():
    assert "lotNumber" not in immunization(lot="EW\ud8000162")


@pytest.mark.parametrize("nothing", [None, *NOTHING, "none", "NA", "unk", "[null]", "XXXX", "0000000", "${x}"])
def test_a_placeholder_for_lot_or_place_is_left_out(nothing):
    assert immunization(lot=nothing, place=nothing).keys() == immunization().keys()


@pytest.mark.parametrize("nothing", NOTHING)
def test_a_placeholder_in_a_name_is_left_out(nothing):
    name = patient(given=("Ana", nothing), suffix=nothing)["name"]

    assert name == [{"family": "Reyes", "given": ["Ana"]}]


@pytest.mark.parametrize("family", ["Null", "Na", "Test", "Nil"])
def test_a_family_name_that_looks_like_a_placeholder_is_a_name(family):
    assert patient(family=family)["name"][0]["family"] == family


def test_a_person_with_one_name_gets_her_card():
    assert patient(family="Suharto", given=())["name"] == [{"family": "Suharto"}]


def test_a_record_without_any_name_gets_no_card_and_the_error_tells_nothing():
    with pytest.raises(ValueError, match=r"^the record has no name$"):
        build_bundle(record(family="Unknown", given=("",)), [DOSE])


def test_a_name_shows_what_was_lost_of_it_and_nothing_that_turns_or_hides_letters():
    name = patient(family="\u202eMu\ud800oz\u202c", given=("A\u00adna\x00María\ufeff",))["name"]

    assert name == [{"family": "Mu\ufffdoz", "given": ["Ana María"]}]


def test_a_name_keeps_its_script_and_its_joiners_but_no_line_breaks():
    name = patient(family="علی\u200cزاده", given=("王\n小明", " Ana  María "))["name"]

    assert name == [{"family": "علی\u200cزاده", "given": ["王 小明", "Ana María"]}]


@given(records, st.lists(doses, min_size=1, max_size=12))
def test_any_record_keeps_the_rules(someone, some_doses):
    bundle = build_bundle(someone, some_doses)

    first, *others = [entry["resource"] for entry in bundle["entry"]]
    assert [entry["fullUrl"] for entry in bundle["entry"]] == [f"resource:{n}" for n in range(len(others) + 1)]
    assert all(entry.keys() == {"fullUrl", "resource"} for entry in bundle["entry"])
    assert first.keys() == {"resourceType", "name", "birthDate"}
    assert len(first["name"]) == 1
    assert [resource["vaccineCode"]["coding"][0]["code"] for resource in others] == [d.cvx for d in some_doses]
    assert all(resource["status"] == "completed" for resource in others)
    assert all(len(resource.get("lotNumber", "x")) < 20 for resource in others)
    json.dumps(bundle, ensure_ascii=False).encode()
    assert_nothing_is_empty(bundle)


def assert_nothing_is_empty(value):
    assert value not in ("", None, [], {})
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            assert_nothing_is_empty(inner)
