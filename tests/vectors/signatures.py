"""Signatures and headers that are not what the specification says, and keys that are not the issuer's."""

import hmac
import json
from collections.abc import Iterator

from bot.ports import Cards
from vectors import Vector
from vectors.claims import ANA, claims_of
from vectors.issuers import Issuers
from vectors.signing import Key, b64, pack


def signatures(issuers: Issuers) -> Iterator[Vector]:
    key, iss = issuers.neighbour.key, issuers.neighbour.iss
    head, payload, signature = key.sign(claims_of(iss)).split(".")
    other = b64(pack(claims_of(iss, nbf=0)))
    none = b64(json.dumps({"alg": "none", "zip": "DEF", "kid": key.kid}).encode())
    hs256 = b64(json.dumps({"alg": "HS256", "zip": "DEF", "kid": key.kid}).encode())
    for name, text in {
        "the payload of another card": f"{head}.{other}.{signature}",
        "another letter": f"{head}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}",
        "none": f"{head}.{payload}.",
        "half of it": f"{head}.{payload}.{signature[:43]}",
        "zeros": f"{head}.{payload}.{'A' * 86}",
        "alg none": f"{none}.{payload}.",
        "alg none, but signed": f"{none}.{payload}.{signature}",
        "alg HS256 with the public key": f"{hs256}.{payload}.{_mac(key, f'{hs256}.{payload}')}",
        "alg ES256, but such a MAC": f"{head}.{payload}.{_mac(key, f'{head}.{payload}')}",
        "another key behind the kid": Key().sign(claims_of(iss), kid=key.kid),
        "alg in small letters": key.sign(claims_of(iss), alg="es256"),
        "alg a number": key.sign(claims_of(iss), alg=1),
        "alg none, of an issuer that nobody knows": key.sign(claims_of("https://elsewhere.example.org"), alg="none"),
    }.items():
        yield Vector(f"signature: {name}", text, ["wrong_signature"])


def headers(issuers: Issuers) -> Iterator[Vector]:
    key, claims = issuers.neighbour.key, claims_of(issuers.neighbour.iss)
    yield Vector("header: a field more", key.sign(claims, typ="JWT"), ["verified"], (ANA,))
    for name, text in {
        "zip missing": key.sign(claims, without="zip"),
        "zip another": key.sign(claims, zip="GZIP"),
        "kid missing": key.sign(claims, without="kid"),
        "alg missing": key.sign(claims, without="alg"),
        "crit": key.sign(claims, crit=["exp"]),
        "b64": key.sign(claims, b64=False),
        "cut": key.sign_parts(b'{"alg":"ES256"', pack(claims)),
        "too long": key.sign(claims, typ="x" * 600),
    }.items():
        yield Vector(f"header: {name}", text, ["damaged"])


def keys(issuers: Issuers, cards: Cards, our_iss: str) -> Iterator[Vector]:
    neighbour, careful = issuers.neighbour, issuers.careful
    our_kid = cards.jwks()["keys"][0]["kid"]
    for name, text in {
        "our name, a key of another issuer": neighbour.key.sign(claims_of(our_iss)),
        "another issuer's name and another's key": careful.key.sign(claims_of(neighbour.iss)),
        "a kid that nobody has": neighbour.key.sign(claims_of(neighbour.iss), kid=Key().kid),
        "an empty kid": neighbour.key.sign(claims_of(neighbour.iss), kid=""),
    }.items():
        yield Vector(f"key: {name}", text, ["unknown_key"])
    forged = neighbour.key.sign(claims_of(our_iss), kid=our_kid)
    yield Vector("key: our name and kid, a key of another issuer", forged, ["wrong_signature"])
    for iss in (f"{our_iss}/", our_iss.upper(), our_iss.replace("https:", "http:"), f"{our_iss}.example", "", " "):
        yield Vector(f"iss {iss!r}", neighbour.key.sign(claims_of(iss)), ["unknown_issuer"])
    yield Vector("iss missing", neighbour.key.sign({**claims_of("x"), "iss": None}), ["damaged"])
    yield Vector("iss in a list", neighbour.key.sign({**claims_of("x"), "iss": [neighbour.iss]}), ["damaged"])


def _mac(key: Key, signed: str) -> str:
    """By who takes the public key for a shared secret."""
    return b64(hmac.digest(json.dumps(key.jwk).encode(), signed.encode(), "sha256"))
