"""What the terminal says of a card that was checked: in words, or as JSON for other programs."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.cards.checking import Checked, Verdict
from bot.cards.facts import DoseFacts, Facts
from bot.vaccines import Vaccines

JOINERS = "\u200c\u200d"  # Persian and some Indian names need them
WORDS = {
    Verdict.VERIFIED: "VERIFIED: signed by {issuer}, not revoked",
    Verdict.NO_DOSE: "NO DOSE: truly signed by {issuer}, but there is no vaccine dose on this card",
    Verdict.UNKNOWN_ISSUER: "UNKNOWN ISSUER: the card says that it comes from {issuer}, which is not on our list",
    Verdict.UNKNOWN_KEY: "WRONG SIGNATURE: the card says that it comes from {issuer}, but none of its keys signed it",
    Verdict.WRONG_SIGNATURE: "WRONG SIGNATURE: the card was changed or made up",
    Verdict.NOT_YET_VALID: "NOT YET VALID: signed by {issuer}, valid from {date}",
    Verdict.EXPIRED: "EXPIRED: signed by {issuer}, valid until {date}",
    Verdict.REVOKED: "REVOKED: {issuer} signed this card and has revoked it",
    Verdict.UNCHECKED: "NOT CHECKED: signed by {issuer}, but we do not know which cards it has revoked",
    Verdict.DAMAGED: "NOT A WHOLE CARD: this looks like a SMART Health Card, but part of it is damaged or cut off; "
    "scan or copy it again, whole",
}


def lines_of(checked: Checked, vaccines: Vaccines) -> Iterator[str]:
    yield WORDS[checked.verdict].format(issuer=_issuer(checked), date=_day(checked.moment))
    if checked.facts:
        yield from _facts(checked.facts, vaccines)


def as_json(checked: Sequence[Checked], vaccines: Vaccines) -> str:
    return json.dumps({"cards": [_card(card, vaccines) for card in checked]}, indent=1)


def error_as_json(told: str) -> str:
    return json.dumps({"error": told})


def _issuer(checked: Checked) -> str:
    name = checked.issuer.name if checked.issuer else ""
    return f"{name} ({checked.iss})" if name and name != checked.iss else printable(checked.iss)


def _facts(facts: Facts, vaccines: Vaccines) -> Iterator[str]:
    yield f"  Name        {printable(facts.name)}"
    yield f"  Birth date  {facts.birth_date}"
    for number, dose in enumerate(facts.doses, 1):
        details = (dose.date, product(dose, vaccines), dose.lot and f"lot {dose.lot}", dose.place)
        yield f"  Dose {number:<6} {'  '.join(printable(detail) for detail in details if detail)}"
    yield "  Compare name and birth date with a photo ID."


def _card(checked: Checked, vaccines: Vaccines) -> dict[str, Any]:
    told: dict[str, Any] = {
        "valid": checked.holds,
        "verdict": checked.verdict.value,
        "iss": checked.iss or None,
        "issuer": checked.issuer.name if checked.issuer else None,
        "moment": checked.moment,
    }
    if checked.facts:
        doses = [_dose(dose, vaccines) for dose in checked.facts.doses]
        told |= {"name": checked.facts.name, "birth_date": checked.facts.birth_date, "doses": doses}
    return told


def _dose(dose: DoseFacts, vaccines: Vaccines) -> dict[str, Any]:
    cvx = dose.code if dose.is_cvx else None
    return {"date": dose.date, "cvx": cvx, "product": product(dose, vaccines), "lot": dose.lot, "place": dose.place}


def product(dose: DoseFacts, vaccines: Vaccines) -> str:
    known = vaccines.product(dose.code) if dose.is_cvx else None
    return known or f"vaccine code {dose.code or '?'}"


def _day(moment: float | None) -> str:
    try:
        return f"{datetime.fromtimestamp(moment or 0, UTC):%Y-%m-%d}"
    except (ValueError, OverflowError, OSError):  # beyond the year 9999
        return "a time that no calendar has"


def printable(text: str) -> str:
    """Without what could move the cursor, colour the terminal or turn the direction of what follows."""
    return "".join(char for char in text if char.isprintable() or char in JOINERS)
