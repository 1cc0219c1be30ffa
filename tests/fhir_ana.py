"""One person of a FHIR registry, and the resources that tests make of her."""

import traceback
from dataclasses import replace
from datetime import date

from fakes.fhir_resources import Resource, immunization, patient
from fakes.fhir_server import Reply, searchset

from bot.records import Demographics, Immunization, VaccineRecord

ANA = Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")
PRIYA = Demographics("Priya", "Natarajan", date(1994, 4, 17), "priya.natarajan@example.org")
DOSE = Immunization("208", date(2021, 4, 8), "EW0162", "Fairgrounds", "PFR")
RECORD = VaccineRecord("p1", "Reyes", ("Ana",), ANA.birth_date, None, (DOSE,), frozenset({ANA.contact}))
PERSONAL = ("Ana", "Reyes", "reyes", "1985", "3605550100", "360-555-0100", "555-0100")

PATIENTS = "POST Patient/_search"
DOSES = "GET Immunization"


def dose_of(patient_id: str = "p1", number: int = 0, **changes: object) -> Resource:
    return immunization(patient_id, number, replace(DOSE, lot=f"LOT{number}")) | changes


def linked(kind: str, reference: object = "Patient/p2", **changes: object) -> Resource:
    return patient(RECORD) | {"link": [{"type": kind, "other": {"reference": reference}}]} | changes


def outcome(severity: str, *codes: str) -> Resource:
    issues = [{"severity": severity, "code": code, "diagnostics": "Ana Reyes 1985"} for code in codes]
    return {"resourceType": "OperationOutcome", "issue": issues}


def page(*resources: Resource, url: object = None, **changes: object) -> Reply:
    """One page of a search, `url` being that of the next."""
    link = {"link": [{"relation": "self"}, {"relation": "next", "url": url}]} if url else {}
    return Reply(200, searchset(resources) | link | changes)


def told(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)).replace("ANA", "")
