"""What people show instead of a card, and files that hold none or several."""

import json
from collections.abc import Iterator

from bot.cards.issuer import card_file
from vectors import Vector
from vectors.claims import ANA, claims_of
from vectors.issuers import Issuers
from vectors.signing import as_code


def no_cards(issuers: Issuers) -> Iterator[Vector]:
    code = as_code(issuers.neighbour.key.sign(claims_of(issuers.neighbour.iss)))
    for name, text, says in (
        ("one of several codes", code.replace("shc:/", "shc:/1/2/"), "chunk"),
        ("a link", "https://example.org/shc:/5676", "link"),
        ("a link in capitals", "HTTPS://EXAMPLE.ORG", "link"),
        ("a SMART Health Link", "shlink:/eyJ1cmwiOiJodHRwczovL2V4YW1wbGUub3JnIn0", "link"),
        ("an EU certificate", "HC1:6BFOXN%TS3DHPVO13J /G-/2YRVA.Q/R8", "eu_certificate"),
        ("words", "Good morning", "other"),
        ("a host", "www.example.org", "other"),
        ("nothing", "", "other"),
        ("blanks", " \n ", "other"),
        ("the prefix alone", "shc:/", "other"),
        ("an odd digit", f"{code}1", "other"),
        ("a pair that no character has", "shc:/5678", "other"),
        ("digits of another script", "shc:/٥٦٧٦", "other"),
        ("capitals", code.replace("shc", "SHC"), "other"),
        ("too long", "x" * 1_000_001, "too_large"),
    ):
        yield Vector(f"no card: {name}", text, [says])
    yield Vector("half a code", code[: len(code) // 4 * 2 + 1], ["damaged"])
    yield Vector("digits that are no JWS", "shc:/5676", ["damaged"])


def files(issuers: Issuers) -> Iterator[Vector]:
    key, iss = issuers.neighbour.key, issuers.neighbour.iss
    good, old = key.sign(claims_of(iss)), key.sign(claims_of(iss, exp=1))
    yield Vector("file: two cards", card_file(good, old).decode(), ["verified", "expired"], (ANA,))
    yield Vector("file: no JWS in it", card_file("hello").decode(), ["damaged"])
    for name, text in {
        "empty": card_file().decode(),
        "an object": "{}",
        "no list": json.dumps({"verifiableCredential": good}),
        "a number": json.dumps({"verifiableCredential": [1]}),
        "cut": card_file(good).decode()[:-2],
        "too deep": '{"verifiableCredential":' + "[" * 100_000,
        "an array": json.dumps([good]),
    }.items():
        yield Vector(f"file: {name}", text, ["other"])
    yield Vector("file: more cards than anybody has", card_file(*[good] * 51).decode(), ["too_large"])
