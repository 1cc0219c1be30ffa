"""A record as the FHIR Bundle of a SMART Health Card: its fewest words, nothing unknown. Pure.

The rules are the SHC vaccination guide's: https://build.fhir.org/ig/HL7/fhir-shc-vaccination-ig/
"""

from collections.abc import Iterable
from typing import Any

from bot.cards import placeholders, words
from bot.records import Immunization, VaccineRecord
from bot.vaccines import cvx_code

Resource = dict[str, Any]

CVX_SYSTEM = "http://hl7.org/fhir/sid/cvx"


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


def human_name(record: VaccineRecord) -> dict[str, Any]:
    """What is known of the name, as a FHIR HumanName; empty when nothing is.

    One name is enough. What may be a placeholder is a name only beside one that is beyond doubt.
    """
    family, given, suffix = words.name(record.family), words.given(record.given), words.suffix(record.suffix)
    if all(placeholders.is_doubtful_name(part) for part in (*given, family or "")):
        return {}
    name = {"family": family, "given": given, "suffix": suffix and [suffix]}
    return {field: value for field, value in name.items() if value}


def _patient(record: VaccineRecord) -> Resource:
    name = human_name(record)
    if not name:
        raise ValueError("the record has no name")
    return {"resourceType": "Patient", "name": [name], "birthDate": record.birth_date.isoformat()}


def _immunization(dose: Immunization) -> Resource:
    resource: Resource = {
        "resourceType": "Immunization",
        "status": "completed",
        "vaccineCode": {"coding": [{"system": CVX_SYSTEM, "code": cvx_code(dose.cvx)}]},
        "patient": {"reference": "resource:0"},
        "occurrenceDateTime": dose.date.isoformat(),
    }
    if lot := words.lot(dose.lot):
        resource["lotNumber"] = lot
    if place := words.place(dose.place):
        resource["performer"] = [{"actor": {"display": place}}]
    return resource
