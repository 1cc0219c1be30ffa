"""Somebody who scans a SMART Health Card: reads the picture, fetches the issuer's keys, checks the signature.

Written from the specification, with nothing of `bot.cards`: https://spec.smarthealth.cards/
"""

import io
import json
import re
import zlib
from dataclasses import dataclass
from typing import Any

import requests
import zxingcpp
from joserfc import jws
from joserfc.jwk import ECKey
from PIL import Image

from bot.records import Immunization

CVX = "http://hl7.org/fhir/sid/cvx"
LONGEST_PLACE = 29  # characters that a card takes


@dataclass(frozen=True, slots=True)
class CardRead:
    """What a verifier shows."""

    issuer: str
    patient: dict[str, Any]
    doses: list[tuple[str, str, str | None, str | None]]  # CVX, date, lot, place


def scan(picture: bytes) -> str:
    """The text of the one QR code in a picture."""
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)), formats=zxingcpp.BarcodeFormat.QRCode)
    return found.text


def read_card(scanned: str) -> CardRead:
    """Check the card against the keys that its issuer serves, and read it."""
    assert re.fullmatch(r"shc:/(\d\d)+", scanned), "not a SMART Health Card in one piece"
    card = "".join(chr(int(pair) + 45) for pair in re.findall("..", scanned.removeprefix("shc:/")))
    issuer = _claims(jws.extract_compact(card.encode()).payload)["iss"]
    keys = requests.get(f"{issuer}/.well-known/jwks.json", timeout=10).json()["keys"]
    registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    kid = jws.extract_compact(card.encode()).headers()["kid"]
    (key,) = [ECKey.import_key(key) for key in keys if key["kid"] == kid]
    assert key.thumbprint() == kid
    signed = jws.deserialize_compact(card, key, registry=registry)
    assert signed.headers() == {"alg": "ES256", "zip": "DEF", "kid": kid}
    return _read(_claims(signed.payload))


def on_card(dose: Immunization) -> tuple[str, str, str | None, str | None]:
    """What a card says of a dose of the registry; a place that is too long stays out."""
    place = dose.place if dose.place and len(dose.place) <= LONGEST_PLACE else None
    return dose.cvx, dose.date.isoformat(), dose.lot, place


def _claims(payload: bytes) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(zlib.decompress(payload, wbits=-15))
    return claims


def _read(claims: dict[str, Any]) -> CardRead:
    bundle = claims["vc"]["credentialSubject"]["fhirBundle"]
    patient, *doses = [entry["resource"] for entry in bundle["entry"]]
    return CardRead(claims["iss"], patient, [_dose(resource) for resource in doses])


def _dose(resource: dict[str, Any]) -> tuple[str, str, str | None, str | None]:
    (coding,) = resource["vaccineCode"]["coding"]
    assert (resource["resourceType"], resource["status"], coding["system"]) == ("Immunization", "completed", CVX)
    performer = resource.get("performer", [{"actor": {"display": None}}])
    return coding["code"], resource["occurrenceDateTime"], resource.get("lotNumber"), performer[0]["actor"]["display"]
