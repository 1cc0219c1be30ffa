"""Issues SMART Health Cards: which doses, which claims, signed with the key whose turn it is."""

import json
import time
from collections.abc import Callable
from datetime import date

from bot.cards import words
from bot.cards.crl import Crl, Crls
from bot.cards.fhir_bundle import Resource, build_bundle, human_name
from bot.cards.fitting import Doses, longest
from bot.cards.jwks import Jwks, public_jwks
from bot.cards.jws import Claims, InvalidCard, deflate, read_unproven, sign, signed_length
from bot.cards.keys.ring import KeyRing
from bot.cards.qr import MAX_JWS
from bot.cards.rid import rid_of
from bot.cards.trust import Crl as Published
from bot.ports import Card, CardDose, DetailLeftOut, LeftOut, NoCard
from bot.records import Immunization, VaccineRecord
from bot.vaccines import COVID

TYPES = [f"https://smarthealth.cards#{name}" for name in ("health-card", "immunization")]
COVID_TYPE = "https://smarthealth.cards#covid19"  # the only disease with a type of its own
FIRST_BIRTH = date(1900, 1, 1)  # an earlier one is a slip, or fills a form


class SmartHealthCards:
    """The port `Cards`, with keys of our own."""

    def __init__(self, issuer_url: str, keyring: KeyRing, crls: Crls, now: Callable[[], float] = time.time) -> None:
        self._issuer = issuer_url.rstrip("/")  # verifiers append /.well-known/jwks.json to the letter
        self._keyring = keyring
        self._crls = crls
        self._now = now

    def issue(self, record: VaccineRecord, group: str) -> Card | NoCard:
        """Sign as much of the record's doses, by date, as the QR code can take: `fitting` says what goes first.

        Raises ValueError when there is no dose.
        """
        doses = sorted(record.immunizations, key=lambda dose: dose.date)
        if not doses:
            raise ValueError("the record has no dose")
        if not human_name(record):
            return NoCard(LeftOut.NO_NAME)
        if record.birth_date < FIRST_BIRTH:
            return NoCard(LeftOut.WRONG_BIRTH_DATE)
        now = self._now()
        key = self._keyring.signing(now)
        rid = rid_of(key.rid_secret, key.kid, record.patient_id)

        def pack(some: Doses) -> bytes | None:
            payload = deflate(self._claims(build_bundle(record, some), group, rid, now))
            return payload if signed_length(payload) <= MAX_JWS else None

        fitting = longest(doses, pack)
        if not fitting:
            return NoCard(LeftOut.LONG_NAME)
        left, payload = fitting
        held = zip(doses[-len(left) :], left, strict=True)
        return Card(sign(payload, key.ec), rid, tuple(_held(*pair) for pair in held))

    def signing_since(self) -> float:
        return self._keyring.signing(self._now()).created.timestamp()

    def jwks(self) -> Jwks:
        keys = self._keyring.published()
        return public_jwks((key.jwk for key in keys), {key.kid: self._crls.of(key.kid)["ctr"] for key in keys})

    def crl(self, kid: str) -> Crl | None:
        known = any(key.kid == kid for key in self._keyring.published())
        return self._crls.of(kid) if known else None

    def is_revoked(self, card: str) -> bool:
        try:
            ours = read_unproven(card)
        except InvalidCard:
            return True
        crl = self.crl(ours.kid)  # None: its key leaked, and every card of it ended with the key
        return not crl or Published.model_construct(**crl).holds(ours.claims["vc"]["rid"], ours.claims["nbf"])

    def _claims(self, bundle: Resource, group: str, rid: str, now: float) -> Claims:
        return {
            "iss": self._issuer,
            "nbf": int(now),
            "vc": {
                "type": [*TYPES, COVID_TYPE] if group == COVID else TYPES,
                "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": bundle},
                "rid": rid,
            },
        }


def _held(dose: Immunization, left: Immunization) -> CardDose:
    """What a card tells of a dose, of which so much was left."""
    return CardDose(dose, _missing(dose.lot, left.lot, words.lot), _missing(dose.place, left.place, words.place))


def _missing(told: str | None, left: str | None, on_card: Callable[[str | None], str | None]) -> DetailLeftOut | None:
    if on_card(left) or not words.says_something(told):
        return None
    return DetailLeftOut.NO_ROOM if on_card(told) else DetailLeftOut.FORM


def card_file(*cards: str) -> bytes:
    """The content of a `.smart-health-card` file, for application/smart-health-card: one card or several."""
    return json.dumps({"verifiableCredential": cards}).encode()
