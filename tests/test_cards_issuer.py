"""An issued card holds the doses of one vaccine group, is signed by a published key, and fits a QR code."""

import base64
import hashlib
import hmac
import io
import json
import zlib
from datetime import UTC, date, datetime, timedelta

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws as jose
from joserfc.jwk import KeySet
from PIL import Image

from bot.cards.crl import Crls
from bot.cards.issuer import SmartHealthCards, card_file
from bot.cards.jws import verify
from bot.cards.keys.changes import retired, rotated
from bot.cards.keys.folder import change, new_key
from bot.cards.keys.ring import load_or_create
from bot.cards.qr import MAX_JWS, decode_numeric, png, qr_code
from bot.records import Immunization, VaccineRecord
from bot.vaccines import COVID

NOW = 1_800_000_000.75
ISSUER = "https://record.health.example.gov/cards"

names = st.text(min_size=1, max_size=40).map(lambda text: f"A{text}")
places = st.sampled_from(["Kaiser Oakland", "A County Public Health Clinic with a long name", "N/A", "市立病院"])
lots = st.text(st.characters(codec="ascii"), max_size=25) | st.sampled_from(["Lot #12", "EL3302"])
doses = st.builds(Immunization, st.sampled_from(["208", "312", "999"]), st.dates(), lots, places)
records = st.builds(
    VaccineRecord,
    st.text(min_size=1),
    names,
    st.tuples(names),
    st.dates(),
    st.none(),
    st.lists(doses, min_size=1, max_size=12),
)


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
    """Nine of these do not fit: lots and places without a pattern."""
    text = hashlib.sha256(str(n).encode()).hexdigest().upper()
    return dose("208", n * 41, text[:19], text[19:48])


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


def test_nine_doses_that_do_not_fit_keep_the_newest(cards):
    nine = [incompressible(n) for n in range(9)]

    card = cards.issue(record(*reversed(nine)), COVID)

    kept = dates(cards, card)
    assert 4 <= len(kept) < 9
    assert kept == [one.date.isoformat() for one in nine[-len(kept) :]]
    assert len(card.jws) <= MAX_JWS
    assert qr_code(card.jws).version <= 22


def test_seven_usual_doses_all_fit(cards):
    usual = [dose("309", n * 97, f"EL{3302 + 977 * n}", f"CVS Pharmacy {4411 + 83 * n}") for n in range(7)]

    assert len(dates(cards, cards.issue(record(*usual), COVID))) == 7


def test_a_record_without_a_dose_gets_no_card(cards):
    with pytest.raises(ValueError, match=r"^the record has no dose$"):
        cards.issue(record(), COVID)


def test_a_name_that_no_qr_code_takes_is_refused_without_showing_it(cards):
    endless = "".join(hashlib.sha256(bytes([n])).hexdigest() for n in range(20))

    with pytest.raises(ValueError, match=r"^the name is too long for a card$"):
        cards.issue(VaccineRecord("p1", endless, ("Ana",), date(1985, 3, 27), None, (dose(),)), COVID)


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


@settings(max_examples=40)
@given(records)
def test_any_record_makes_a_card_that_a_reader_scans_and_verifies(cards, someone):
    card = cards.issue(someone, COVID)
    picture = Image.open(io.BytesIO(png(card.jws)))
    (found,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)

    assert decode_numeric(found.text) == card.jws
    assert qr_code(card.jws).version <= 22
    patient, *immunizations = entries(cards, card)
    newest = sorted(one.date for one in someone.immunizations)[-len(immunizations) :]
    assert [one["occurrenceDateTime"] for one in immunizations] == [day.isoformat() for day in newest]
    assert patient["birthDate"] == someone.birth_date.isoformat()
    assert "Lot" not in {one.get("lotNumber", "")[:3] for one in immunizations}


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
