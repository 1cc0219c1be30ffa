"""Payloads that are not what the specification says, and moments at which a card is not valid."""

import json
import time
import zlib
from collections.abc import Iterator

from vectors import Vector
from vectors.claims import ANA, DAY, claims_of
from vectors.issuers import Issuers
from vectors.signing import pack

LARGEST = 100_000  # bytes, inflated


def payloads(issuers: Issuers) -> Iterator[Vector]:
    sign, claims = issuers.neighbour.key.sign_payload, claims_of(issuers.neighbour.iss)
    text = json.dumps(claims)
    for name, payload in {
        "not deflated": text.encode(),
        "a zlib header": zlib.compress(text.encode()),
        "more behind": pack(claims) + b"more",
        "cut": pack(claims)[:-2],
        "a bomb": pack({**claims, "more": "x" * LARGEST}),
        "an array": pack(f"[{text}]"),
        "a text": pack('"iss"'),
        "UTF-16": zlib.compress(text.encode("utf-16"), wbits=-15),
        "no UTF-8": zlib.compress(text.encode().replace(b"Ana", b"A\xff"), wbits=-15),
        "a byte order mark": pack(f"\ufeff{text}"),
        "NaN": pack(text[:-1] + ',"more":NaN}'),
        "too deep": pack("[" * 90_000),
    }.items():
        yield Vector(f"payload: {name}", sign(payload), ["damaged"])
    twice = '{"iss":"https://elsewhere.example.org",' + text[1:]
    yield Vector("payload: a claim twice, and the last one counts", sign(pack(twice)), ["verified"], (ANA,))
    null = text[:-1] + ',"exp":null}'
    yield Vector("payload: an exp that is null", sign(pack(null)), ["verified"], (ANA,))


def moments(issuers: Issuers) -> Iterator[Vector]:
    now = int(time.time())
    for name, says, claims in (
        ("nbf in the future", "not_yet_valid", {"nbf": now + 30 * DAY}),
        ("nbf in milliseconds", "not_yet_valid", {"nbf": now * 1000}),
        ("nbf beyond every calendar", "not_yet_valid", {"nbf": 1e300}),
        ("exp in the past", "expired", {"exp": now - DAY}),
        ("exp zero", "expired", {"exp": 0}),
        ("exp before all calendars", "expired", {"exp": -1e300}),
        ("exp in the future", "verified", {"exp": now + 30 * DAY}),
        ("exp within what clocks differ", "verified", {"exp": now - 60}),
        ("nbf with a fraction", "verified", {"nbf": now - 0.5}),
        ("nbf within what clocks differ", "verified", {"nbf": now + 60}),
        ("nbf zero", "verified", {"nbf": 0}),
        ("nbf missing", "damaged", {"nbf": None}),
        ("nbf a text", "damaged", {"nbf": str(now)}),
        ("nbf true", "damaged", {"nbf": True}),
        ("nbf beyond numbers", "damaged", {"nbf": 10**400}),
        ("exp a text", "damaged", {"exp": "never"}),
    ):
        card = issuers.neighbour.key.sign(claims_of(issuers.neighbour.iss, **claims))
        yield Vector(f"moment: {name}", card, [says], (ANA,) if says == "verified" else ())
