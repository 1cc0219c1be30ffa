"""An issued card holds the doses of one vaccine group, is signed by a published key, and fits a QR code."""

import base64
import hashlib
import hmac
import json
import zlib
from bisect import bisect_left
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from joserfc import jws as jose
from joserfc.jwk import KeySet

from bot.cards.crl import Crls
from bot.cards.issuer import SmartHealthCards, card_file
from bot.cards.jws import verify
from bot.cards.keys.changes import retired, rotated
from bot.cards.keys.folder import change, new_key
from bot.cards.keys.ring import load_or_create
from bot.cards.qr import MAX_JWS, qr_code
from bot.ports import Card, CardDose, DetailLeftOut, LeftOut, NoCard
from bot.records import Immunization, VaccineRecord
from bot.vaccines import COVID

NOW = 1_800_000_000.75
ISSUER = "https://record.health.example.gov/cards"


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    return load_or_create(tmp_path_factory.mktemp("issuer") / "card_keys")


@pytest.fixture(scope="module")
def cards(ring, tmp_path_factory):
    return SmartHealthCards(f"{ISSUER}/", ring, Crls(tmp_path_factory.mktemp("crl")), now=lambda: NOW)


def issuer(folder, now=NOW):
    """An issuer with keys and lists of its own."""
    return SmartHealthCards(ISSUER, load_or_create(folder / "card_keys"), Crls(folder / "crl"), now=lambda: now)


def record(*immunizations, patient_id="p1"):
    return VaccineRecord(patient_id, "Reyes", ("Ana",), date(1985, 3, 27), None, immunizations)


def dose(cvx="208", day=1, lot=None, place=None):
    return Immunization(cvx, date(2021, 1, 1) + timedelta(days=day), lot, place)


def incompressible(n):
    """Lots and places without a pattern: nine have no room for all of them, sixty not even without."""
    text = hashlib.sha256(str(n).encode()).hexdigest().upper()
    return dose("208", n * 41, text[:19], text[19:48])


def noise(length):
    """A name that nothing can pack."""
    return "".join(hashlib.sha256(bytes([n])).hexdigest() for n in range(length // 64 + 1))[:length]


def entries(cards, card):
    bundle = verify(card.jws, cards.jwks())["vc"]["credentialSubject"]["fhirBundle"]
    return [entry["resource"] for entry in bundle["entry"]]


def dates(cards, card):
    return [resource["occurrenceDateTime"] for resource in entries(cards, card)[1:]]


def test_the_claims_are_those_of_a_health_card(cards):
    claims = verify(cards.issue(record(dose()), COVID).jws, cards.jwks())

    bundle = claims["vc"]["credentialSubject"].pop("fhirBundle")
    assert bundle["resourceType"] == "Bundle"
    assert claims == {
        "iss": ISSUER,
        "nbf": 1_800_000_000,
        "vc": {
            "type": [
                "https://smarthealth.cards#health-card",
                "https://smarthealth.cards#immunization",
                "https://smarthealth.cards#covid19",
            ],
            "credentialSubject": {"fhirVersion": "4.0.1"},
            "rid": cards.issue(record(dose()), COVID).rid,
        },
    }
    assert isinstance(claims["nbf"], int)


def test_joserfc_alone_verifies_the_card_with_the_published_keys(cards):
    card = cards.issue(record(dose()), COVID)
    published = KeySet.import_key_set(json.loads(json.dumps(cards.jwks())))
    registry = jose.JWSRegistry(algorithms=["ES256"], strict_check_header=False)

    signed = jose.deserialize_compact(card.jws, published, registry=registry)

    assert signed.headers() == {"alg": "ES256", "zip": "DEF", "kid": published.keys[0].thumbprint()}
    assert json.loads(zlib.decompress(signed.payload, wbits=-15))["iss"] == ISSUER


def test_the_card_of_another_disease_does_not_say_that_it_is_about_covid(cards):
    claims = verify(cards.issue(record(dose("140")), "Influenza").jws, cards.jwks())

    assert claims["vc"]["type"] == [
        "https://smarthealth.cards#health-card",
        "https://smarthealth.cards#immunization",
    ]


def test_a_code_is_written_as_cdc_writes_it(cards):
    card = cards.issue(record(dose("8", 1), dose(" 08 ", 2), dose("140", 3)), "HepB")

    codes = [resource["vaccineCode"]["coding"][0]["code"] for resource in entries(cards, card)[1:]]
    assert codes == ["08", "08", "140"]


def test_doses_stand_in_the_order_of_their_dates(cards):
    card = cards.issue(record(dose(day=30), dose(day=1), dose(day=400)), COVID)

    assert dates(cards, card) == ["2021-01-02", "2021-01-31", "2022-02-05"]


def test_where_there_is_no_room_for_all_places_the_oldest_go_first(cards):
    nine = [incompressible(n) for n in range(9)]

    card = cards.issue(record(*reversed(nine)), COVID)

    reasons = [one.place for one in card.doses]
    without = reasons.count(DetailLeftOut.NO_ROOM)
    assert 0 < without < 9
    assert reasons == [DetailLeftOut.NO_ROOM] * without + [None] * (9 - without)
    assert ["performer" in one for one in entries(cards, card)[1:]] == [reason is None for reason in reasons]
    assert [one.get("lotNumber") for one in entries(cards, card)[1:]] == [one.lot for one in nine]
    assert [one.dose for one in card.doses] == nine


def test_then_lots_go_the_oldest_first(cards):
    twenty = [incompressible(n) for n in range(20)]

    card = cards.issue(record(*twenty), COVID)

    reasons = [one.lot for one in card.doses]
    without = reasons.count(DetailLeftOut.NO_ROOM)
    assert 0 < without < 20
    assert reasons == [DetailLeftOut.NO_ROOM] * without + [None] * (20 - without)
    assert {one.place for one in card.doses} == {DetailLeftOut.NO_ROOM}
    assert len(entries(cards, card)[1:]) == 20


def test_and_only_then_doses_the_oldest_first(cards):
    sixty = [incompressible(n) for n in range(60)]

    card = cards.issue(record(*sixty), COVID)

    kept = dates(cards, card)
    assert 20 < len(kept) < 60
    assert kept == [one.date.isoformat() for one in sixty[-len(kept) :]]
    assert {(one.lot, one.place) for one in card.doses} == {(DetailLeftOut.NO_ROOM, DetailLeftOut.NO_ROOM)}
    assert len(card.jws) <= MAX_JWS
    assert qr_code(card.jws).version <= 22


def test_what_no_card_may_repeat_is_left_out_for_its_form_whatever_room_there_is(cards):
    odd = dose("208", 1, "Lot #12", "A County Public Health Department")
    silent = dose("208", 2, " \x00", None)

    card = cards.issue(record(odd, silent), COVID)

    assert card.doses == (CardDose(odd, DetailLeftOut.FORM, DetailLeftOut.FORM), CardDose(silent))


def test_twelve_usual_doses_all_fit_with_lots_and_places(cards):
    usual = [dose("309", n * 97, f"EL{3302 + 977 * n}", f"CVS Pharmacy {4411 + 83 * n}") for n in range(12)]

    assert cards.issue(record(*usual), COVID).doses == tuple(map(CardDose, usual))


def test_a_record_without_a_dose_gets_no_card(cards):
    with pytest.raises(ValueError, match=r"^the record has no dose$"):
        cards.issue(record(), COVID)


def test_a_long_name_costs_places_lots_and_older_doses_before_it_costs_the_card(cards):
    two = [dose("208", n, "EW0162", f"Harbor Clinic {n}") for n in range(2)]
    people = [replace(record(*two), family=noise(length)) for length in range(1280)]
    too_long = bisect_left(people, True, key=lambda person: isinstance(cards.issue(person, COVID), NoCard))

    card = cards.issue(people[too_long - 1], COVID)

    assert card.doses == (CardDose(two[1], DetailLeftOut.NO_ROOM, DetailLeftOut.NO_ROOM),)
    assert entries(cards, card)[0]["name"][0]["family"] == noise(too_long - 1)


def test_a_name_that_no_qr_code_takes_is_never_cut_there_is_no_card(cards):
    assert cards.issue(replace(record(dose()), family=noise(1280)), COVID) == NoCard(LeftOut.LONG_NAME)


@pytest.mark.parametrize("family", ["", "Unknown", "N/A", "NONE", "LNU", "Null", "\x00", "🌸"])
def test_of_a_record_without_a_name_there_is_no_card(cards, family):
    assert cards.issue(replace(record(dose()), family=family, given=("", "-", "(none)")), COVID) == NoCard(
        LeftOut.NO_NAME
    )


def test_with_a_birth_date_before_1900_there_is_no_card(cards):
    slip, oldest = (replace(record(dose()), birth_date=day) for day in (date(1899, 12, 31), date(1900, 1, 1)))

    assert cards.issue(slip, COVID) == NoCard(LeftOut.WRONG_BIRTH_DATE)
    assert isinstance(cards.issue(oldest, COVID), Card)


def test_hundreds_of_doses_are_as_quick_to_sign_as_a_few(cards):
    hundreds = [incompressible(n) for n in range(500)]

    assert cards.issue(record(*hundreds), COVID).doses[-1].dose == hundreds[-1]


def test_half_a_character_in_a_patient_id_is_no_fault(cards):
    assert len(cards.issue(record(dose(), patient_id="p\ud800"), COVID).rid) == 11


def test_the_rid_is_the_one_that_the_specification_advises(cards, ring):
    key = ring.signing(NOW)
    digest = hmac.new(key.rid_secret + key.kid.encode(), b"p1", hashlib.sha256).digest()

    card = cards.issue(record(dose()), COVID)

    assert card.rid == base64.urlsafe_b64encode(digest[:8]).decode().rstrip("=")
    assert len(card.rid) == 11
    assert len(key.rid_secret) == 32


def test_the_rid_stays_with_the_person_and_differs_between_persons(cards):
    rids = [cards.issue(record(dose(day=n), patient_id=who), COVID).rid for n, who in enumerate(["p1", "p1", "p2"])]

    assert rids[0] == rids[1] != rids[2]


def test_another_key_gives_another_rid(cards, tmp_path):
    rids = {maker.issue(record(dose()), COVID).rid for maker in [cards, issuer(tmp_path)]}

    assert len(rids) == 2


def test_the_file_holds_the_cards_as_wallets_read_them():
    assert json.loads(card_file("a.b.c")) == {"verifiableCredential": ["a.b.c"]}
    assert json.loads(card_file("a.b.c", "d.e.f")) == {"verifiableCredential": ["a.b.c", "d.e.f"]}


def test_cards_signed_before_and_after_a_rotation_and_a_retirement_verify(tmp_path):
    cards = issuer(tmp_path, now=4e9)
    folder = tmp_path / "card_keys"
    made = [cards.issue(record(dose()), COVID)]
    (first,) = [key["kid"] for key in cards.jwks()["keys"]]
    then = datetime.fromtimestamp(3.9e9, UTC)

    for change_keys in (
        lambda: new_key(folder),
        lambda: change(folder, lambda keys: rotated(keys, then)),
        lambda: change(folder, lambda keys: retired(keys, first, then)),
    ):
        change_keys()
        made.append(cards.issue(record(dose()), COVID))

    assert [verify(card.jws, cards.jwks())["iss"] for card in made] == [ISSUER] * 4
    assert [card.rid == made[0].rid for card in made] == [True, True, False, False]


def test_every_key_has_a_revocation_list_that_its_jwk_counts(cards, ring):
    (jwk,) = cards.jwks()["keys"]

    assert jwk.keys() == {"kty", "crv", "use", "alg", "kid", "x", "y", "crlVersion"}
    assert jwk["crlVersion"] == 1
    assert cards.crl(ring.signing(NOW).kid) == {"kid": jwk["kid"], "method": "rid", "ctr": 1, "rids": []}
    assert cards.crl("A" * 43) is None


def test_a_revocation_shows_at_once_in_list_and_keys(tmp_path):
    cards = issuer(tmp_path)
    (kid,) = [jwk["kid"] for jwk in cards.jwks()["keys"]]
    rid = cards.issue(record(dose()), COVID).rid

    Crls(tmp_path / "crl").revoke({kid: rid}, 1_800_000_001)

    assert cards.crl(kid)["rids"] == [f"{rid}.1800000001"]
    assert cards.jwks()["keys"][0]["crlVersion"] == cards.crl(kid)["ctr"] == 2


def test_a_leaked_key_is_neither_among_the_keys_nor_among_the_lists(tmp_path):
    cards = issuer(tmp_path, now=4e9)
    leaked = new_key(tmp_path / "card_keys").kid

    change(tmp_path / "card_keys", lambda keys: retired(keys, leaked, datetime.now(UTC), leaked=True))

    assert leaked not in [jwk["kid"] for jwk in cards.jwks()["keys"]]
    assert cards.crl(leaked) is None


def test_the_private_part_stays_out_of_the_jwks(cards, ring):
    assert ring.signing(NOW).jwk["d"] not in json.dumps(cards.jwks())
