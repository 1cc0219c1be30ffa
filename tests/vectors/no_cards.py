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
        ("one of several codes, in capitals", code.replace("shc:/", "SHC:/2/3/"), "chunk"),
        ("one of several codes, in a link", code.replace("shc:/", "https://example.org/#shc:/1/2/"), "chunk"),
        ("a link", "https://example.org/shc:/5676", "link"),
        ("a link in capitals", "HTTPS://EXAMPLE.ORG", "link"),
        ("the link to a record", "https://records.example.gov/r/AB2CD3EF4GH5IJ6KL7MN2OP3QR", "link"),
        ("a link to a place in a page", "https://example.org/help#5676", "link"),
        ("a SMART Health Link", "shlink:/eyJ1cmwiOiJodHRwczovL2V4YW1wbGUub3JnIn0", "link"),
        (
            "a SMART Health Link in a link",
            "https://example.org/#shlink:/eyJ1cmwiOiJodHRwczovL2V4YW1wbGUub3JnIn0",
            "link",
        ),
        ("an EU certificate", "HC1:6BFOXN%TS3DHPVO13J /G-/2YRVA.Q/R8", "eu_certificate"),
        ("a PDF", "%PDF-1.7\n%\u2030\n1 0 obj", "pdf"),
        ("words", "Good morning", "other"),
        ("a host", "www.example.org", "other"),
        ("digits alone", code.removeprefix("shc:/"), "other"),
        ("words before a code", f"Here: {code}", "other"),
        ("nothing", "", "empty"),
        ("blanks", " \n ", "empty"),
        ("a byte order mark", "\ufeff\r\n", "empty"),
        ("too long", "x" * 1_000_001, "too_large"),
    ):
        yield Vector(f"no card: {name}", text, [says])


def spellings(issuers: Issuers) -> Iterator[Vector]:
    """As scanners, letters and links to wallets have a code."""
    card = issuers.neighbour.key.sign(claims_of(issuers.neighbour.iss))
    code = as_code(card)
    digits = code.removeprefix("shc:/")
    for name, text in {
        "capitals": f"SHC:/{digits}",
        "capitals and small letters": f"Shc:/{digits}",
        "lines of a letter": "\r\n".join(code[at : at + 60] for at in range(0, len(code), 60)),
        "our link to Apple Health": f"https://redirect.health.apple.com/SMARTHealthCard/#{digits}",
        "a link to Apple Health": f"https://redirect.health.apple.com/SMARTHealthCard/#{code}",
        "a link to anywhere": f"http://127.0.0.1:8000/a?b=c#{code}",
        "a link in capitals": f"HTTPS://EXAMPLE.ORG#SHC:/{digits}",
    }.items():
        yield Vector(f"spelling: {name}", text, ["verified"], (ANA,))


def remains(issuers: Issuers) -> Iterator[Vector]:
    """What is left of a card that was damaged or cut short on its way."""
    card = issuers.neighbour.key.sign(claims_of(issuers.neighbour.iss))
    code = as_code(card)
    head, payload, signature = card.split(".")
    for name, text in {
        "half a code": code[: len(code) // 4 * 2 + 1],
        "a digit lost": code[:100] + code[101:],
        "a digit too many": f"{code}1",
        "a letter among the digits": f"{code[:100]}O{code[101:]}",
        "a pair that no character has": "shc:/5678",
        "digits of another script": "shc:/٥٦٧٦",
        "digits that are no JWS": "shc:/5676",
        "the prefix alone": "shc:/",
        "the prefix in capitals alone": "SHC:/",
        "one of several codes, cut": "shc:/1/2",
        "a JWS for the digits": f"shc:/{card}",
        "a link to Apple Health, cut": f"https://redirect.health.apple.com/SMARTHealthCard/#{code[5:100]}",
        "words behind a code": f"{code} is my code",
        "two parts of a JWS": f"{head}.{payload}",
        "one part of a JWS": head,
        "some letters of a JWS": head[:10],
        "four parts of a JWS": f"{card}.{signature}",
        "a sign in a JWS that base64url has not": f"{head}.{payload[:50]}*{payload[51:]}.{signature}",
        "a JWS in another base64": f"{head}.{payload[:50]}+/{payload[52:]}.{signature}==",
        "a JWS without its payload": f"{head}..{signature}",
    }.items():
        yield Vector(f"remains: {name}", text, ["damaged"])


def files(issuers: Issuers) -> Iterator[Vector]:
    key, iss = issuers.neighbour.key, issuers.neighbour.iss
    good, old = key.sign(claims_of(iss)), key.sign(claims_of(iss, exp=1))
    yield Vector("file: two cards", card_file(good, old).decode(), ["verified", "expired"], (ANA,))
    long_number = card_file(good).decode()[:-1] + f',"more":{"9" * 5000}}}'
    yield Vector("file: a number longer than any", long_number, ["verified"], (ANA,))
    yield Vector("file: no JWS in it", card_file("hello").decode(), ["damaged"])
    for name, text in {
        "empty": card_file().decode(),
        "an object": "{}",
        "no list": json.dumps({"verifiableCredential": good}),
        "a number": json.dumps({"verifiableCredential": [1]}),
        "cut": card_file(good).decode()[:-2],
        "too deep": '{"verifiableCredential":' + "[" * 100_000,
        "an array": json.dumps([good]),
        "with what is no JSON": card_file(good).decode()[:-1] + ',"more":NaN}',
    }.items():
        yield Vector(f"file: {name}", text, ["other"])
    yield Vector("file: more cards than anybody has", card_file(*[good] * 51).decode(), ["too_large"])
