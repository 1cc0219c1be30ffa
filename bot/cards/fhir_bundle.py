"""A record as the FHIR Bundle of a SMART Health Card: its fewest words, nothing unknown. Pure.

The rules are the SHC vaccination guide's: https://build.fhir.org/ig/HL7/fhir-shc-vaccination-ig/
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from bot.records import Immunization, VaccineRecord
from bot.vaccines import cvx_code

Resource = dict[str, Any]

CVX_SYSTEM = "http://hl7.org/fhir/sid/cvx"
MAX_LOT = 19  # characters
MAX_PLACE = 29  # characters

UNKNOWN = frozenset({"unknown", "n/a", "not available", "not recorded", "not given", "unspecified", "undefined"})
# Not for names: somebody is called Na, Null or Test
UNKNOWN_DETAIL = UNKNOWN | {"unk", "na", "none", "null", "nil", "tbd", "test", "other"}
WORD_LOT = re.compile(r"\blot(?![a-z])", re.IGNORECASE)  # "Lot #12", "LOT12"; not "PILOT1"


def build_bundle(record: VaccineRecord, doses: Iterable[Immunization]) -> Resource:
    """The Bundle of one Patient and these doses, in the order given.

    Raises ValueError when the record has no name: a card of nobody proves nothing.
    """
    resources = [_patient(record), *(_immunization(dose) for dose in doses)]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": f"resource:{n}", "resource": resource} for n, resource in enumerate(resources)],
    }


def _patient(record: VaccineRecord) -> Resource:
    name = {
        "family": _known(record.family),
        "given": [given for text in record.given if (given := _known(text))],
        "suffix": [suffix] if (suffix := _known(record.suffix)) else [],
    }
    if not (name["family"] or name["given"]):
        raise ValueError("the record has no name")
    filled = {field: value for field, value in name.items() if value}
    return {"resourceType": "Patient", "name": [filled], "birthDate": record.birth_date.isoformat()}


def _immunization(dose: Immunization) -> Resource:
    resource: Resource = {
        "resourceType": "Immunization",
        "status": "completed",
        "vaccineCode": {"coding": [{"system": CVX_SYSTEM, "code": cvx_code(dose.cvx)}]},
        "patient": {"reference": "resource:0"},
        "occurrenceDateTime": dose.date.isoformat(),
    }
    if lot := _lot(dose.lot):
        resource["lotNumber"] = lot
    if place := _place(dose.place):
        resource["performer"] = [{"actor": {"display": place}}]
    return resource


def _lot(text: str | None) -> str | None:
    lot = _known(text, UNKNOWN_DETAIL)
    return lot if lot and len(lot) <= MAX_LOT and not WORD_LOT.search(lot) else None


def _place(text: str | None) -> str | None:
    """The place, or None when it is too long: a name cut short is no longer the registry's word."""
    place = _known(text, UNKNOWN_DETAIL)
    return place if place and len(place) <= MAX_PLACE else None


def _known(text: str | None, unknown: frozenset[str] = UNKNOWN) -> str | None:
    """The text on one line, or None for nothing, a placeholder or punctuation alone."""
    line = " ".join(_without_controls(text or "").split())
    if not any(char.isalnum() for char in line) or line.lower() in unknown or "{{" in line:
        return None
    return line


def _without_controls(text: str) -> str:
    """FHIR takes no control characters, UTF-8 no lone surrogates. Joiners (Cf) stay: Persian needs them."""
    return "".join(char for char in text if char.isspace() or unicodedata.category(char) not in ("Cc", "Cs"))
