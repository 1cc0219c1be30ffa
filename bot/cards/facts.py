"""What a card says: whose it is and which doses. Other issuers write more than we do, and some less. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.cards.fhir_bundle import CVX_SYSTEM
from bot.records import full_name

DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)  # FHIR lets day and month be unknown, and a time follow


@dataclass(frozen=True, slots=True)
class DoseFacts:
    code: str  # CVX, or the first code of another system; "" where there is none
    is_cvx: bool
    date: str  # ISO 8601, perhaps only a year or a month; "" where it is unknown
    lot: str
    place: str

    def __repr__(self) -> str:
        return "DoseFacts(...)"


@dataclass(frozen=True, slots=True)
class Facts:
    name: str
    birth_date: str  # as a dose's date
    doses: tuple[DoseFacts, ...]  # by date; what was planned, refused or entered in error is none

    def __repr__(self) -> str:
        return "Facts(...)"


def read_facts(claims: dict[str, Any]) -> Facts | None:
    """The facts of a card, or None where it is about nobody, or about several people."""
    bundle = _object(_object(_object(claims.get("vc")).get("credentialSubject")).get("fhirBundle"))
    resources = [_object(_object(entry).get("resource")) for entry in _list(bundle.get("entry"))]
    patients = [resource for resource in resources if resource.get("resourceType") == "Patient"]
    if bundle.get("resourceType") != "Bundle" or len(patients) != 1:
        return None
    doses = [_dose(resource) for resource in resources if _is_dose(resource)]
    name, born = _name(patients[0]), _date(patients[0].get("birthDate"))
    return Facts(name, born, tuple(sorted(doses, key=lambda dose: dose.date))) if name else None


def _name(patient: dict[str, Any]) -> str:
    """The first name that is written out."""
    names = (_written(_object(name)) for name in _list(patient.get("name")))
    return next((name for name in names if name), "")


def _written(name: dict[str, Any]) -> str:
    given = list(_texts(name.get("given")))
    suffix = next(_texts(name.get("suffix")), None)
    return full_name(_text(name.get("family")), given, suffix) or _text(name.get("text"))


def _is_dose(resource: dict[str, Any]) -> bool:
    return resource.get("resourceType") == "Immunization" and resource.get("status") == "completed"


def _dose(resource: dict[str, Any]) -> DoseFacts:
    codings = [_object(coding) for coding in _list(_object(resource.get("vaccineCode")).get("coding"))]
    cvx = next((code for coding in codings if coding.get("system") == CVX_SYSTEM for code in _code(coding)), "")
    performers = [_object(_object(performer).get("actor")) for performer in _list(resource.get("performer"))]
    return DoseFacts(
        code=cvx or next((code for coding in codings for code in _code(coding)), ""),
        is_cvx=bool(cvx),
        date=_date(resource.get("occurrenceDateTime")),
        lot=_text(resource.get("lotNumber")),
        place=next((place for actor in performers if (place := _text(actor.get("display")))), ""),
    )


def _code(coding: dict[str, Any]) -> Iterator[str]:
    return _texts([coding.get("code")])


def _date(value: object) -> str:
    found = DATE.match(value) if isinstance(value, str) else None
    return found[0] if found else ""


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value.strip(" \t\r\n") if isinstance(value, str) else ""


def _texts(value: object) -> Iterator[str]:
    return (text for item in _list(value) if (text := _text(item)))
