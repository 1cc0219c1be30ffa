"""Records written as the FHIR resources that a registry would answer with."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from bot.records import Immunization, VaccineRecord

Resource = dict[str, Any]


def resources_of(people: Iterable[VaccineRecord]) -> list[Resource]:
    """Patient and Immunization resources; phones as clerks write them: "(360) 555-0100"."""
    found = []
    for record in people:
        found.append(patient(record))
        found += [immunization(record.patient_id, number, dose) for number, dose in enumerate(record.immunizations)]
    return found


def patient(record: VaccineRecord) -> Resource:
    named = {"use": "official", "family": record.family, "given": list(record.given)}
    phones = [{"system": "phone", "value": _as_written(phone)} for phone in sorted(record.phones)]
    return {
        "resourceType": "Patient",
        "id": record.patient_id,
        "active": True,
        "name": [named | ({"suffix": [record.suffix]} if record.suffix else {}), *_other_names(record)],
        "telecom": phones + [{"system": "email", "value": email} for email in sorted(record.emails)],
        "birthDate": record.birth_date.isoformat(),
        "deceasedBoolean": record.died,
    }


def _other_names(record: VaccineRecord) -> list[Resource]:
    return [{"use": "old", "family": name.family, "given": list(name.given)} for name in record.other_names]


def immunization(patient_id: str, number: int, dose: Immunization) -> Resource:
    resource: Resource = {
        "resourceType": "Immunization",
        "id": f"{patient_id}-{number}",
        "status": "completed",
        "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": dose.cvx}]},
        "patient": {"reference": f"Patient/{patient_id}"},
        "occurrenceDateTime": dose.date.isoformat(),
    }
    maker = {"identifier": {"system": "http://hl7.org/fhir/sid/mvx", "value": dose.mvx}}
    told = {"lotNumber": dose.lot, "location": dose.place and {"display": dose.place}}
    return (
        resource
        | {name: value for name, value in told.items() if value}
        | ({"manufacturer": maker} if dose.mvx else {})
    )


def stored(ndjson: Path) -> list[Resource]:
    """The resources of a file of Bundles as a server keeps them: with references to ids in place of urn:uuid."""
    lines = re.sub(rb'"urn:uuid:([^"]+)"', rb'"Patient/\1"', ndjson.read_bytes()).splitlines()
    return [entry["resource"] for line in lines for entry in orjson.loads(line)["entry"]]


def _as_written(phone: str) -> str:
    found = re.fullmatch(r"\+1(\d{3})(\d{3})(\d{4})", phone)
    return f"({found[1]}) {found[2]}-{found[3]}" if found else phone
