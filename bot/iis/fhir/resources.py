"""FHIR R4 Patient and Immunization resources, read into our records."""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from bot.iis.cleaning import LONGEST_ID, email, one_line, phone
from bot.iis.dose import Dose
from bot.iis.fhir.elements import Resource, is_old, objects, one_object
from bot.iis.fhir.names import names
from bot.iis.fhir.standing import has_died, stands
from bot.iis.names_on_record import names_besides
from bot.records import Immunization, VaccineRecord
from bot.vaccines import NO_DOSE, read_cvx

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
    """A Patient, without doses; `default_id` is for one without an id of its own. Raises ResourceError.

    One that is merged into another, or inactive, has no contacts: so nobody can be found by it.
    """
    _refuse_changed_meaning(resource)
    known = names(resource)
    if not known:
        raise ResourceError("Patient without a name")
    official = known[0]
    birth_date = _date(resource.get("birthDate"))
    if not birth_date:
        raise ResourceError("Patient without a full birth date")
    return VaccineRecord(
        patient_id=_id(resource, default_id),
        family=official.family,
        given=official.given,
        birth_date=birth_date,
        suffix=official.suffix,
        phones=frozenset(filter(None, map(phone, _telecom(resource, PHONES)))),
        emails=frozenset(filter(None, map(email, _telecom(resource, ("email",))))),
        other_names=names_besides(official, known[1:]),
        died=has_died(resource),
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
    if cvx == NO_DOSE:
        return None
    given_on = _date(resource.get("occurrenceDateTime"))
    if not given_on:
        raise ResourceError("Immunization without a full date")
    return Dose(owner, dose_id, _dose(resource, cvx, given_on))


def person_id(
    resource: Resource, default_id: str | None = None, patients: Mapping[str, str] | None = None
) -> str | None:
    """Whose a Patient or an Immunization is, as far as that can be read."""
    if resource.get("resourceType") == "Immunization":
        return _owner(resource, patients or {})
    return one_line(resource.get("id")) or default_id


def reference_id(reference: object) -> str | None:
    """The ID of "Patient/ID", "https://.../Patient/ID", "urn:uuid:ID"; None for "resource:0" and the like."""
    found = REFERENCE.fullmatch(one_line(reference) or "")
    return found[1] if found else None


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


def _telecom(resource: Resource, systems: tuple[str, ...]) -> Iterator[str]:
    for point in objects(resource.get("telecom")) if stands(resource) else ():
        value = one_line(point.get("value"))
        if value and point.get("system") in systems and not is_old(point):
            yield value


def _owner(resource: Resource, patients: Mapping[str, str]) -> str | None:
    reference = one_line(one_object(resource.get("patient")).get("reference")) or ""
    named = patients.get(reference)
    return named or (reference_id(reference) if TO_PATIENT.fullmatch(reference) else None)


def _cvx(resource: Resource) -> str | None:
    codings = objects(one_object(resource.get("vaccineCode")).get("coding"))
    codes = (one_line(coding.get("code")) for coding in codings if coding.get("system") in CVX)
    return next((cvx for code in codes if code and (cvx := read_cvx(code))), None)


def _dose(resource: Resource, cvx: str, given_on: date) -> Immunization:
    maker = one_object(one_object(resource.get("manufacturer")).get("identifier"))
    return Immunization(
        cvx=cvx,
        date=given_on,
        lot=one_line(resource.get("lotNumber")),
        place=one_line(one_object(resource.get("location")).get("display")) or _performer(resource),
        mvx=one_line(maker.get("value")),
    )


def _performer(resource: Resource) -> str | None:
    actors = (one_object(performer.get("actor")) for performer in objects(resource.get("performer")))
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
