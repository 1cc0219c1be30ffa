"""FHIR R4 Patient and Immunization resources, read into our records. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import phonenumbers

from bot.iis.dose import Dose
from bot.records import Immunization, VaccineRecord

Resource = Mapping[str, Any]

CVX = ("http://hl7.org/fhir/sid/cvx", "urn:oid:2.16.840.1.113883.12.292")
NO_DOSE = "998"  # CVX "no vaccine administered"
TAKEN_BACK = ("entered-in-error", "not-done")
PHONES = ("phone", "sms")  # no faxes, no pagers
LONGEST_ID = 64
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # PostgreSQL refuses NUL
EMAIL = re.compile(r"(?=.{6,254}$)[^@\s]+@[^@\s]+\.[^@\s]+")
FHIR_DATE = re.compile(r"\d{4}-\d\d-\d\d(?=T|$)")
REFERENCE = re.compile(r"(?:urn:uuid:|(?:.*/)?[A-Z][A-Za-z]+/)([^/]+)(?:/_history/[^/]+)?")


class ResourceError(Exception):
    """A resource that cannot be loaded. Says what is missing, and nothing of the person."""


def patient(resource: Resource, default_id: str | None = None) -> VaccineRecord:
    """A Patient, without doses; `default_id` is for one without an id of its own. Raises ResourceError."""
    name = _official_name(resource)
    if not name:
        raise ResourceError("Patient without a name")
    birth_date = _date(resource.get("birthDate"))
    if not birth_date:
        raise ResourceError("Patient without a full birth date")
    return VaccineRecord(
        patient_id=_id(resource, default_id),
        family=_text(name.get("family")) or "",
        given=tuple(_texts(name.get("given"))),
        birth_date=birth_date,
        suffix=" ".join(_texts(name.get("suffix"))) or None,
        phones=frozenset(_phones(resource)),
        emails=frozenset(_emails(resource)),
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
    cvx = _required(_cvx(resource), "Immunization without a CVX code")
    given_on = _date(resource.get("occurrenceDateTime"))
    if not given_on:
        raise ResourceError("Immunization without a full date")
    return None if cvx == NO_DOSE else Dose(owner, dose_id, _dose(resource, cvx, given_on))


def reference_id(reference: object) -> str | None:
    """The ID of "Patient/ID", "https://.../Patient/ID", "urn:uuid:ID"; None for "resource:0" and the like."""
    found = REFERENCE.fullmatch(_text(reference) or "")
    return found[1] if found else None


def _id(resource: Resource, default: str | None) -> str:
    kind = resource.get("resourceType")
    found = _required(_text(resource.get("id")) or default, f"{kind} without an id")
    if len(found) > LONGEST_ID:
        raise ResourceError(f"{kind} with an id of more than {LONGEST_ID} characters")
    return found


def _official_name(resource: Resource) -> Resource | None:
    names = _objects(resource.get("name"))
    named = [name for name in names if _text(name.get("family")) or _texts(name.get("given"))]
    official = (name for name in named if name.get("use") == "official")
    return next(official, named[0] if named else None)


def _phones(resource: Resource) -> Iterator[str]:
    for value in _telecom(resource, PHONES):
        try:
            number = phonenumbers.parse(value, "US")
        except phonenumbers.NumberParseException:
            continue
        if _is_possible(number):
            yield phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_possible(number: phonenumbers.PhoneNumber) -> bool:
    """Not "valid", which no fictional and no brand-new number is; 999-999-9999 only fills a form."""
    reason = phonenumbers.is_possible_number_with_reason(number)  # is_possible_number takes 555-0100, without area
    return reason == phonenumbers.ValidationResult.IS_POSSIBLE and len(set(str(number.national_number))) > 1


def _emails(resource: Resource) -> Iterator[str]:
    for value in _telecom(resource, ("email",)):
        email = value.lower().removeprefix("mailto:")
        if EMAIL.fullmatch(email):
            yield email


def _telecom(resource: Resource, systems: tuple[str, ...]) -> Iterator[str]:
    for point in _objects(resource.get("telecom")):
        value = _text(point.get("value"))
        if value and point.get("system") in systems and point.get("use") != "old":
            yield value


def _owner(resource: Resource, patients: Mapping[str, str]) -> str | None:
    reference = _text(_object(resource.get("patient")).get("reference"))
    return patients.get(reference or "") or reference_id(reference)


def _cvx(resource: Resource) -> str | None:
    codings = _objects(_object(resource.get("vaccineCode")).get("coding"))
    codes = (_text(coding.get("code")) for coding in codings if coding.get("system") in CVX)
    return next((code for code in codes if code and code.isascii() and code.isdigit()), None)


def _dose(resource: Resource, cvx: str, given_on: date) -> Immunization:
    maker = _object(_object(resource.get("manufacturer")).get("identifier"))
    return Immunization(
        cvx=cvx,
        date=given_on,
        lot=_text(resource.get("lotNumber")),
        place=_text(_object(resource.get("location")).get("display")) or _performer(resource),
        mvx=_text(maker.get("value")),
    )


def _performer(resource: Resource) -> str | None:
    actors = (_object(performer.get("actor")) for performer in _objects(resource.get("performer")))
    return next((name for actor in actors if (name := _text(actor.get("display")))), None)


def _date(value: object) -> date | None:
    """The day as it was where it was written down: no time zone moves it."""
    found = FHIR_DATE.match(_text(value) or "")
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


def _required(value: str | None, reason: str) -> str:
    if not value:
        raise ResourceError(reason)
    return value


def _text(value: object) -> str | None:
    """Text on one line, without control characters; None for anything else."""
    return " ".join(CONTROL.sub(" ", value).split()) or None if isinstance(value, str) else None


def _texts(value: object) -> list[str]:
    return [text for item in value if (text := _text(item))] if isinstance(value, list) else []


def _objects(value: object) -> list[Resource]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _object(value: object) -> Resource:
    return value if isinstance(value, dict) else {}
