"""The JWS is what the SMART Health Cards specification says, and whatever is not is refused by name."""

import base64
import json
import zlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as jose
from joserfc.jwk import ECKey

from bot.cards.jwks import public_jwks
from bot.cards.jws import MAX_CLAIMS, InvalidCard, deflate, inflate, minified, sign, signed_length, verify

KEY = ECKey.generate_key("P-256")
JWKS = public_jwks([{**KEY.as_dict(private=True), "use": "sig", "alg": "ES256", "kid": KEY.thumbprint()}])
CLAIMS = {"iss": "https://example.org", "nbf": 1620000000, "vc": {"name": "Ana María"}}
CARD = sign(deflate(CLAIMS), KEY)


def decoded(segment):
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def test_the_header_is_exactly_alg_zip_and_kid():
    header = json.loads(decoded(CARD.split(".")[0]))

    assert header == {"alg": "ES256", "zip": "DEF", "kid": KEY.thumbprint()}


def test_the_payload_is_minified_json_in_raw_deflate():
    minified = zlib.decompress(decoded(CARD.split(".")[1]), wbits=-15)

    assert minified == '{"iss":"https://example.org","nbf":1620000000,"vc":{"name":"Ana María"}}'.encode()


def test_the_payload_is_smaller_than_zlib_makes_it():
    doses = [{"occurrenceDateTime": f"2021-0{n}-1{n}", "lotNumber": f"EW{n * 977}"} for n in range(1, 9)]
    claims = {**CLAIMS, "vc": {"entry": [{"status": "completed", "patient": "resource:0", **dose} for dose in doses]}}
    zlibs = zlib.compressobj(level=9, wbits=-15, memLevel=9)

    assert len(deflate(claims)) < len(zlibs.compress(minified(claims)) + zlibs.flush())


def test_the_signature_is_r_and_s_that_cryptography_verifies():
    header, payload, signature = CARD.split(".")
    r_and_s = decoded(signature)
    der = utils.encode_dss_signature(int.from_bytes(r_and_s[:32]), int.from_bytes(r_and_s[32:]))

    assert len(r_and_s) == 64
    KEY.public_key.verify(der, f"{header}.{payload}".encode(), ec.ECDSA(SHA256()))


@given(st.dictionaries(st.text(), st.text()))
def test_claims_come_back_and_the_length_is_known_before_signing(claims):
    payload = deflate(claims)
    card = sign(payload, KEY)

    assert verify(card, JWKS) == claims
    assert signed_length(payload) == len(card)


def test_a_changed_card_is_refused():
    header, _, signature = CARD.split(".")
    other = sign(deflate({**CLAIMS, "nbf": 0}), KEY).split(".")[1]

    with pytest.raises(InvalidCard, match="not signed by its key"):
        verify(f"{header}.{other}.{signature}", JWKS)


def test_a_card_of_another_issuer_is_refused():
    with pytest.raises(InvalidCard, match="no such kid"):
        verify(sign(deflate(CLAIMS), ECKey.generate_key("P-256")), JWKS)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "ES256", "kid": KEY.thumbprint()},
        {"alg": "ES256", "zip": "DEF"},
        {"alg": "ES256", "zip": "DEF", "kid": KEY.thumbprint(), "b64": True},
    ],
    ids=["no zip", "no kid", "one that changes the rules"],
)
def test_another_header_is_refused(header):
    registry = jose.JWSRegistry(algorithms=["ES256"], strict_check_header=False)

    with pytest.raises(InvalidCard, match="header"):
        verify(jose.serialize_compact(header, deflate(CLAIMS), KEY, registry=registry), JWKS)


def test_a_header_field_that_means_nothing_to_us_is_no_harm():
    registry = jose.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    header = {"alg": "ES256", "zip": "DEF", "kid": KEY.thumbprint(), "typ": "JWT"}

    assert verify(jose.serialize_compact(header, deflate(CLAIMS), KEY, registry=registry), JWKS) == CLAIMS


@given(st.text() | st.binary().map(lambda raw: f"{base64.urlsafe_b64encode(raw).decode()}.e30.e30"))
def test_anything_else_is_refused(text):
    with pytest.raises(InvalidCard):
        verify(text, JWKS)


@pytest.mark.parametrize("header", ['"alg"', '["alg"]', '{"alg":1}', "1", "null"])
def test_a_header_that_is_no_object_is_refused(header):
    with pytest.raises(InvalidCard):
        verify(f"{base64.urlsafe_b64encode(header.encode()).decode()}.e30.e30", JWKS)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"not deflate",
        zlib.compress(b"{}"),
        deflate({"a": 1}) + b"more",
        deflate({"a": 1})[:-1],
        deflate({"a": "x" * MAX_CLAIMS}),
        zlib.compress(b"[]", wbits=-15),
        zlib.compress(b"\xff", wbits=-15),
        zlib.compress(b"[" * 50_000, wbits=-15),
        zlib.compress(b'{"nbf":NaN}', wbits=-15),
        zlib.compress('{"nbf":1}'.encode("utf-16"), wbits=-15),
    ],
    ids=["empty", "noise", "zlib header", "more", "cut", "bomb", "no object", "no text", "too deep", "NaN", "UTF-16"],
)
def test_a_payload_that_is_no_card_is_refused(payload):
    with pytest.raises(InvalidCard, match="payload"):
        inflate(payload)
    with pytest.raises(InvalidCard):
        verify(sign(payload, KEY), JWKS)
