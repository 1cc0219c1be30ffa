"""Whether a card holds: its signature, its issuer, its dates, its revocation. https://spec.smarthealth.cards/

The page in the browser goes by the same rules (`verifier/src/checking.js`); the tests ask both the same questions.
"""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.cards.facts import Facts, read_facts
from bot.cards.jws import ForgedCard, InvalidCard, Unproven, read_unproven, verify
from bot.cards.trust import Directory, Issuer

HEALTH_CARD = "https://smarthealth.cards#health-card"
LEEWAY = 300  # seconds that two clocks may differ: a card is shown the moment it was issued


class Verdict(StrEnum):
    """What is said of a card. Only the first two show what it says."""

    VERIFIED = "verified"
    NO_DOSE = "no_dose"  # it holds, but of a test or another thing
    UNKNOWN_ISSUER = "unknown_issuer"  # whether the signature is right is not known
    UNKNOWN_KEY = "unknown_key"  # of an issuer that we know
    WRONG_SIGNATURE = "wrong_signature"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNCHECKED = "unchecked"  # what its issuer has revoked is not known
    DAMAGED = "damaged"  # a card by its look, but not as the specification has it


@dataclass(frozen=True, slots=True)
class Checked:
    verdict: Verdict
    iss: str = ""  # as the card says, proven only where `issuer` is given and the signature is right
    issuer: Issuer | None = None
    moment: float | None = None  # when it begins or ended, seconds since 1970
    facts: Facts | None = field(default=None, repr=False)

    @property
    def holds(self) -> bool:
        return self.verdict is Verdict.VERIFIED


def check_card(card: str, directory: Directory, now: float) -> Checked:
    """Everything about one JWS. Never raises for what a card holds."""
    try:
        unproven = read_unproven(card)
    except ForgedCard:
        return Checked(Verdict.WRONG_SIGNATURE)
    except InvalidCard:
        return Checked(Verdict.DAMAGED)
    return _check(card, unproven, directory, now)


def _check(card: str, unproven: Unproven, directory: Directory, now: float) -> Checked:
    iss = unproven.claims.get("iss")
    if not isinstance(iss, str):
        return Checked(Verdict.DAMAGED)
    issuer = directory.issuer(iss)
    if not issuer:
        return Checked(Verdict.UNKNOWN_ISSUER, iss)
    key = issuer.key(unproven.kid)
    if not key:
        return Checked(Verdict.UNKNOWN_KEY, iss, issuer)
    try:
        claims = verify(card, {"keys": [key]})
    except InvalidCard:
        return Checked(Verdict.WRONG_SIGNATURE, iss, issuer)
    verdict, moment = _judge(claims, issuer, key, now)
    if verdict is not Verdict.VERIFIED:
        return Checked(verdict, iss, issuer, moment)
    facts = read_facts(claims)
    if not facts:
        return Checked(Verdict.DAMAGED, iss, issuer)
    return Checked(Verdict.VERIFIED if facts.doses else Verdict.NO_DOSE, iss, issuer, facts=facts)


def _judge(claims: dict[str, Any], issuer: Issuer, key: dict[str, Any], now: float) -> tuple[Verdict, float | None]:
    """What its issuer says of a card that is truly signed, but for whose it is."""
    try:
        begins, ends, rid = _moment(claims.get("nbf")), _moment(claims.get("exp")), _rid(claims.get("vc"))
    except ValueError:
        return Verdict.DAMAGED, None
    if begins is None:
        return Verdict.DAMAGED, None
    if begins > now + LEEWAY:
        return Verdict.NOT_YET_VALID, begins
    if ends is not None and ends < now - LEEWAY:
        return Verdict.EXPIRED, ends
    if rid is not None and issuer.has_revoked(key, rid, begins):
        return Verdict.REVOKED, None
    is_known = issuer.is_current(now) and issuer.knows_revoked(key)
    return Verdict.VERIFIED if is_known else Verdict.UNCHECKED, None


def _moment(value: object) -> float | None:
    """Seconds since 1970, or None where nothing is said. Raises ValueError."""
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError("no number")
    try:
        moment = float(value)
    except OverflowError:
        moment = math.inf
    if not math.isfinite(moment):
        raise ValueError("no moment")
    return moment


def _rid(vc: object) -> str | None:
    """The revocation id of a health card. Raises ValueError where this is none."""
    types = vc.get("type") if isinstance(vc, dict) else None
    rid = vc.get("rid") if isinstance(vc, dict) else None
    if not isinstance(types, list) or HEALTH_CARD not in types or not isinstance(rid, str | None):
        raise ValueError("no health card")
    return rid
