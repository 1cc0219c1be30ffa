"""The rules for the JWS and its claims."""

import json
import re
import zlib

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from bot.vaccines import COVID
from card_rules import Issued


def header(card: Issued) -> None:
    """The header is exactly alg ES256, zip DEF and kid, the key's thumbprint."""
    assert json.loads(card.parts[0]) == {"alg": "ES256", "zip": "DEF", "kid": card.key.thumbprint()}


def minified(card: Issued) -> None:
    """The payload is JSON without a blank too many, in UTF-8, with no member twice."""
    pairs = json.loads(card.minified, object_pairs_hook=_once)
    assert json.dumps(pairs, ensure_ascii=False, separators=(",", ":")).encode() == card.minified


def deflated(card: Issued) -> None:
    """The payload is one raw DEFLATE stream, without a zlib header, and nothing behind it."""
    stretch = zlib.decompressobj(wbits=-15)
    stretch.decompress(card.parts[1])
    assert stretch.eof
    assert not stretch.unused_data


def signature(card: Issued) -> None:
    """The signature is r and s in 64 bytes, and the key verifies it."""
    r_and_s = card.parts[2]
    assert len(r_and_s) == 64
    der = utils.encode_dss_signature(int.from_bytes(r_and_s[:32]), int.from_bytes(r_and_s[32:]))
    card.public_key.verify(der, card.jws.rpartition(".")[0].encode(), ec.ECDSA(SHA256()))


def issuer(card: Issued) -> None:
    """The issuer is an address without a slash at the end, to which /.well-known/jwks.json is added."""
    assert card.claims["iss"] == card.issuer
    assert re.fullmatch(r"https?://\S*[^/\s]", card.issuer)


def times(card: Issued) -> None:
    """The card begins at a whole second and never expires."""
    assert type(card.claims["nbf"]) is int
    assert card.claims.keys() == {"iss", "nbf", "vc"}


def types(card: Issued) -> None:
    """It is a health card about immunizations, and about COVID-19 only where it is."""
    names = ["health-card", "immunization", *(["covid19"] if card.group == COVID else [])]
    assert card.claims["vc"]["type"] == [f"https://smarthealth.cards#{name}" for name in names]


def subject(card: Issued) -> None:
    """Its subject is a bundle of FHIR 4.0.1."""
    assert card.claims["vc"].keys() == {"type", "credentialSubject", "rid"}
    assert card.claims["vc"]["credentialSubject"].keys() == {"fhirVersion", "fhirBundle"}
    assert card.claims["vc"]["credentialSubject"]["fhirVersion"] == "4.0.1"


def rid(card: Issued) -> None:
    """Its revocation id is 64 bits in base64url."""
    assert re.fullmatch(r"[\w-]{11}", card.claims["vc"]["rid"], re.ASCII)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    assert len(names) == len({*names})
    return dict(pairs)


RULES = (header, minified, deflated, signature, issuer, times, types, subject, rid)
