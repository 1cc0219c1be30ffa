"""What an issuer would sign, of Ana Reyes and one dose unless something else is said."""

import time
from typing import Any

from vectors.signing import Claims

NOW = int(time.time())
DAY = 86400
CVX = "http://hl7.org/fhir/sid/cvx"
PATIENT = {"resourceType": "Patient", "name": [{"family": "Reyes", "given": ["Ana"]}], "birthDate": "1985-03-27"}


def claims_of(iss: str, *resources: Claims, patient: Claims = PATIENT, rid: Any = "rid", **more: Any) -> Claims:
    """`resources`: instead of the one dose. None takes a claim away."""
    vc = {
        "type": ["https://smarthealth.cards#health-card"],
        "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": bundle(patient, *(resources or (dose(),)))},
        **({} if rid is None else {"rid": rid}),
    }
    claims = {"iss": iss, "nbf": NOW - DAY, "vc": vc, **more}
    return {name: value for name, value in claims.items() if value is not None}


def bundle(*resources: Claims) -> Claims:
    entries = [{"fullUrl": f"resource:{n}", "resource": resource} for n, resource in enumerate(resources)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def dose(**more: Any) -> Claims:
    return {
        "resourceType": "Immunization",
        "status": "completed",
        "vaccineCode": {"coding": [{"system": CVX, "code": "208"}]},
        "patient": {"reference": "resource:0"},
        "occurrenceDateTime": "2021-03-18",
        **more,
    }


def facts(name: str, born: str, *doses: tuple[str, str, str, str]) -> dict[str, Any]:
    """`doses`: date, code, lot, place."""
    parts = ("date", "code", "lot", "place")
    return {"name": name, "birth_date": born, "doses": [dict(zip(parts, dose, strict=True)) for dose in doses]}


ONE_DOSE = ("2021-03-18", "208", "", "")
ANA = facts("Ana Reyes", "1985-03-27", ONE_DOSE)
