"""Issues SMART Health Cards: which doses, which claims, signed with the key whose turn it is."""

import json
import time
from collections.abc import Callable
from typing import Any

from bot.cards.crl import Crl, Crls
from bot.cards.fhir_bundle import build_bundle
from bot.cards.jwks import Jwks, public_jwks
from bot.cards.jws import deflate, sign, signed_length
from bot.cards.keys.ring import KeyRing
from bot.cards.qr import MAX_JWS
from bot.cards.rid import rid_of
from bot.ports import Card
from bot.records import Immunization, VaccineRecord
from bot.vaccines import COVID

TYPES = [f"https://smarthealth.cards#{name}" for name in ("health-card", "immunization")]
COVID_TYPE = "https://smarthealth.cards#covid19"  # the only disease with a type of its own


class SmartHealthCards:
    """The port `Cards`, with keys of our own."""

    def __init__(self, issuer_url: str, keyring: KeyRing, crls: Crls, now: Callable[[], float] = time.time) -> None:
        self._issuer = issuer_url.rstrip("/")  # verifiers append /.well-known/jwks.json to the letter
        self._keyring = keyring
        self._crls = crls
        self._now = now

    def issue(self, record: VaccineRecord, group: str) -> Card:
        """Sign the record's doses, by date; the oldest stay out when the QR code cannot take all.

        Raises ValueError when there is no dose, no name, or a name that alone is too long.
        """
        types = [*TYPES, COVID_TYPE] if group == COVID else TYPES
        doses = sorted(record.immunizations, key=lambda dose: dose.date)
        key = self._keyring.signing(self._now())
        rid = rid_of(key.rid_secret, key.kid, record.patient_id)
        for oldest in range(len(doses)):
            payload = deflate(self._claims(record, doses[oldest:], types, rid))
            if signed_length(payload) <= MAX_JWS:
                return Card(sign(payload, key.ec), rid, len(doses) - oldest)
        raise ValueError("the name is too long for a card" if doses else "the record has no dose")

    def signing_since(self) -> float:
        return self._keyring.signing(self._now()).created.timestamp()

    def jwks(self) -> Jwks:
        keys = self._keyring.published()
        return public_jwks((key.jwk for key in keys), {key.kid: self._crls.of(key.kid)["ctr"] for key in keys})

    def crl(self, kid: str) -> Crl | None:
        known = any(key.kid == kid for key in self._keyring.published())
        return self._crls.of(kid) if known else None

    def _claims(self, record: VaccineRecord, doses: list[Immunization], types: list[str], rid: str) -> dict[str, Any]:
        return {
            "iss": self._issuer,
            "nbf": int(self._now()),
            "vc": {
                "type": types,
                "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": build_bundle(record, doses)},
                "rid": rid,
            },
        }


def card_file(*cards: str) -> bytes:
    """The content of a `.smart-health-card` file, for application/smart-health-card: one card or several."""
    return json.dumps({"verifiableCredential": cards}).encode()
