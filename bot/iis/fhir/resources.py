"""FHIR R4 Patient and Immunization resources, read into our records. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from bot.iis.cleaning import LONGEST_ID, email, one_line, phone
from bot.iis.dose import Dose
from bot.records import Immunization, VaccineRecord
from bot.vaccines import NO_DOSE, read_cvx

Resource = Mapping[str, Any]

CVX = ("http://hl7.org/fhir/sid/cvx", "urn:oid:2.16.840.1.113883.12.292")
TAKEN_BACK = ("entered-in-error", "not-done")
GIVEN = ("completed", None)
CHANGES_MEANING = ("modifierExtension", "implicitRules")
PHONES = ("phone", "sms")  # no faxes, no pagers
FHIR_DATE = re.compile(r"\d{4}-\d\d-\d\d(?=T|$)")
REFERENCE = re.compile(r"(?:urn:uuid:|(?:.*/)?[A-Z][A-Za-z]+/)([^/]+)(?:/_history/[^/]+)?")
TO_PATIENT = re.compile(r"(?:urn:uuid:|(?:.*/)?Patient/).*")


class ResourceError(Exception):
    """A resource that cannot be loaded. Says what is missing, and nothing of the person."""


def patient(resource: Resource, default_id: str | None = None) -> VaccineRecord:
    """A Patient, without doses; `default_id` is for one without an id of its own. Raises ResourceError."""
    _refuse_changed_meaning(resource)
    name = _official_name(resource)
    if not name:
        raise ResourceError("Patient without a name")
    birth_date = _date(resource.get("birthDate"))
    if not birth_date:
        raise ResourceError("Patient without a full birth date")
    return VaccineRecord(
        patient_id=_id(resource, default_id),
        family=one_line(name.get("family")) or "",
        given=tuple(_texts(name.get("given"))),
        birth_date=birth_date,
        suffix=" ".join(_texts(name.get("suffix"))) or None,
        phones=frozenset(filter(None, map(phone, _telecom(resource, PHONES)))),
        emails=frozenset(filter(None, map(email, _telecom(resource, ("email",))))),
    )


def immunization(
    resource: Resource, default_id: str | None = None, patients: Mapping[str, str] | None = None
) -> Dose | None:
    """An Immunization, or None for a record of no vaccine at all. Raises ResourceError.

    `patients`: the ids of Patients, by the fullUrl that they have in the same Bundle.
    """
    owner = _required(_owner(resource, patients or {}), "Immunization without a patient")
    dose_id = _id(resource, default_id)
    if resource.get("status") in TAKEN_BACK:
        return Dose(owner, dose_id, None)
    if resource.get("status") not in GIVEN:
        raise ResourceError("Immunization with a status that FHIR does not know")
    _refuse_changed_meaning(resource)
    cvx = _required(_cvx(resource), "Immunization without a CVX code")
    given_on = _date(resource.get("occurrenceDateTime"))
    if not given_on:
        raise ResourceError("Immunization without a full date")
    return None if cvx == NO_DOSE else Dose(owner, dose_id, _dose(resource, cvx, given_on))


def person_id(
    resource: Resource, default_id: str | None = None, patients: Mapping[str, str] | None = None
) -> str | None:
    """Whose a Patient or an Immunization is, as far as that can be read."""
    if resource.get("resourceType") == "Immunization":
        return _owner(resource, patients or {})
    return one_line(resource.get("id")) or default_id


def has_died(patient: Resource) -> bool:
    """Who asks for a record by the phone on it is then somebody else."""
    return patient.get("deceasedBoolean") not in (None, False) or bool(patient.get("deceasedDateTime"))


def reference_id(reference: object) -> str | None:
    """The ID of "Patient/ID", "https://.../Patient/ID", "urn:uuid:ID"; None for "resource:0" and the like."""
    found = REFERENCE.fullmatch(one_line(reference) or "")
    return found[1] if found else None


def objects(value: object) -> list[Resource]:
    """Those in a list, if it is one: a server may write anything anywhere."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _refuse_changed_meaning(resource: Resource) -> None:
    """What may turn the rest into its opposite is never passed over, as other extensions are.

    http://hl7.org/fhir/R4/extensibility.html#modifierExtension
    """
    for name in CHANGES_MEANING:
        if resource.get(name):
            raise ResourceError(f"{resource.get('resourceType')} with {name} that we do not know")


def _id(resource: Resource, default: str | None) -> str:
    kind = resource.get("resourceType")
    found = _required(one_line(resource.get("id")) or default, f"{kind} without an id")
    if len(found) > LONGEST_ID:
        raise ResourceError(f"{kind} with an id of more than {LONGEST_ID} characters")
    return found


def _official_name(resource: Resource) -> Resource | None:
    names = objects(resource.get("name"))
    named = [name for name in names if one_line(name.get("family")) or _texts(name.get("given"))]
    official = (name for name in named if name.get("use") == "official")
    return next(official, named[0] if named else None)


def _telecom(resource: Resource, systems: tuple[str, ...]) -> Iterator[str]:
    for point in objects(resource.get("telecom")):
        value = one_line(point.get("value"))
        if value and point.get("system") in systems and point.get("use") != "old":
            yield value


def _owner(resource: Resource, patients: Mapping[str, str]) -> str | None:
    reference = one_line(_object(resource.get("patient")).get("reference")) or ""
    named = patients.get(reference)
    return named or (reference_id(reference) if TO_PATIENT.fullmatch(reference) else None)


def _cvx(resource: Resource) -> str | None:
    codings = objects(_object(resource.get("vaccineCode")).get("coding"))
    codes = (one_line(coding.get("code")) for coding in codings if coding.get("system") in CVX)
    return next((cvx for code in codes if code and (cvx := read_cvx(code))), None)


def _dose(resource: Resource, cvx: str, given_on: date) -> Immunization:
    maker = _object(_object(resource.get("manufacturer")).get("identifier"))
    return Immunization(
        cvx=cvx,
        date=given_on,
        lot=one_line(resource.get("lotNumber")),
        place=one_line(_object(resource.get("location")).get("display")) or _performer(resource),
        mvx=one_line(maker.get("value")),
    )


def _performer(resource: Resource) -> str | None:
    actors = (_object(performer.get("actor")) for performer in objects(resource.get("performer")))
    return next((name for actor in actors if (name := one_line(actor.get("display")))), None)


def _date(value: object) -> date | None:
    """The day as it was where it was written down: no time zone moves it."""
    found = FHIR_DATE.match(one_line(value) or "")
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


def _required(value: str | None, reason: str) -> str:
    if not value:
        raise ResourceError(reason)
    return value


def _texts(value: object) -> list[str]:
    return [text for item in value if (text := one_line(item))] if isinstance(value, list) else []


def _object(value: object) -> Resource:
    return value if isinstance(value, dict) else {}
