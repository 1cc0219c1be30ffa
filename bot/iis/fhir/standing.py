"""Whether a Patient stands for somebody: merged into another, inactive, died. Pure."""

from typing import Any

from bot.iis.fhir.elements import Resource, objects

SUCCESSORS = ("replaced-by", "refer")


def stands(patient: Resource) -> bool:
    """Neither merged nor inactive. One who has died stands, also where that made her inactive: see `has_died`."""
    return successor(patient) is None and (patient.get("active") is not False or has_died(patient))


def has_died(patient: Resource) -> bool:
    """Who asks for a record by the phone on it is then somebody else."""
    return patient.get("deceasedBoolean") not in (None, False) or bool(patient.get("deceasedDateTime"))


def successor(patient: Resource) -> str | None:
    """The reference to the Patient whose record stands for this one; "" if it is merged into nobody knows whom."""
    for link in objects(patient.get("link")):
        if link.get("type") in SUCCESSORS:
            other: Any = link.get("other")
            reference = other.get("reference") if isinstance(other, dict) else None
            return reference if isinstance(reference, str) else ""
    return None
