"""What a card is about: credentials that are none, doses as others write them, names of all kinds."""

from collections.abc import Iterator
from typing import Any

from vectors import Vector
from vectors.claims import ANA, CVX, ONE_DOSE, bundle, claims_of, dose, facts
from vectors.issuers import Issuers


def credentials(issuers: Issuers) -> Iterator[Vector]:
    key, claims = issuers.neighbour.key, claims_of(issuers.neighbour.iss)
    vc = claims["vc"]
    no_bundle = {"fhirVersion": "4.0.1", "fhirBundle": {**bundle(dose()), "resourceType": "List"}}
    for name, other in {
        "missing": None,
        "in a list": [vc],
        "without a type": {**vc, "type": None},
        "with a type that is no list": {**vc, "type": vc["type"][0]},
        "of something else": {**vc, "type": ["https://example.org#health-card"]},
        "with a rid that is no text": {**vc, "rid": 1},
        "of nobody": {**vc, "credentialSubject": None},
        "without a bundle": {**vc, "credentialSubject": {"fhirVersion": "4.0.1"}},
        "with a bundle that is none": {**vc, "credentialSubject": no_bundle},
    }.items():
        yield Vector(f"vc: {name}", key.sign({**claims, "vc": other}), ["damaged"])


def doses(issuers: Issuers) -> Iterator[Vector]:
    key, iss = issuers.neighbour.key, issuers.neighbour.iss
    not_done, mistake = dose(status="not-done"), dose(status="entered-in-error")
    test = {"resourceType": "Observation", "status": "final"}
    for name, resource in {"a refusal": not_done, "a mistake": mistake, "a test": test}.items():
        yield Vector(f"doses: only {name}", key.sign(claims_of(iss, resource)), ["no_dose"])
    mixed = claims_of(iss, mistake, dose(), not_done, test)
    yield Vector("doses: one among what is none", key.sign(mixed), ["verified"], (ANA,))
    odd = dose(
        occurrenceDateTime="2021-02-03T10:00:00Z",
        lotNumber=" L1 ",
        performer=[{}, {"actor": {"display": "Clinic"}}],
        vaccineCode=_coded(("http://snomed.info/sct", "1"), (CVX, "8")),
    )
    foreign = dose(
        occurrenceDateTime="2021", lotNumber=5, performer={"actor": 1}, vaccineCode=_coded(("urn:oid:1.2", "C"))
    )
    bare = {"resourceType": "Immunization", "status": "completed"}
    told = facts(
        "Ana Reyes", "1985-03-27", ("", "", "", ""), ("2021", "C", "", ""), ("2021-02-03", "8", "L1", "Clinic")
    )  # fmt: skip
    unknown = dose(vaccineCode=_coded((CVX, "999")))
    shown = facts("Ana Reyes", "1985-03-27", ("2021-03-18", "999", "", ""))
    yield Vector("doses: a code that nobody knows", key.sign(claims_of(iss, unknown)), ["verified"], (shown,))
    yield Vector("doses: as others write them", key.sign(claims_of(iss, odd, foreign, bare)), ["verified"], (told,))


def people(issuers: Issuers) -> Iterator[Vector]:
    def card(*names: Any, **more: Any) -> str:
        patient = {"resourceType": "Patient", "name": list(names), "birthDate": "1985-03-27", **more}
        return issuers.neighbour.key.sign(claims_of(issuers.neighbour.iss, patient=patient))

    markup = {"family": "<img src=x onerror=alert(1)>", "given": ["{{7*7}}", "{date}"]}
    for name, text, shown, born in (
        ("as text", card({"text": "Ana Reyes"}), "Ana Reyes", "1985-03-27"),
        ("the second", card({"use": "old"}, {"family": "Reyes", "given": ["Ana", 5]}), "Ana Reyes", "1985-03-27"),
        ("given is no list", card({"family": "Reyes", "given": "Ana"}), "Reyes", "1985-03-27"),
        ("markup", card(markup), "{{7*7}} {date} <img src=x onerror=alert(1)>", "1985-03-27"),
        ("born in a year", card({"family": "Reyes"}, birthDate="1985"), "Reyes", "1985"),
        ("born nowhen", card({"family": "Reyes"}, birthDate=1985), "Reyes", ""),
    ):
        yield Vector(f"name: {name}", text, ["verified"], (facts(shown, born, ONE_DOSE),))
    iss = issuers.neighbour.iss
    somebody = {"resourceType": "Patient", "name": [{"family": "Reyes"}]}
    for name, text in {
        "none": card(),
        "empty": card({"family": " ", "given": []}),
        "of two people": issuers.neighbour.key.sign(claims_of(iss, dose(), somebody)),
        "of nobody": issuers.neighbour.key.sign(claims_of(iss, patient=dose())),
    }.items():
        yield Vector(f"name: {name}", text, ["damaged"])


def _coded(*codings: tuple[str, str]) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} for system, code in codings]}
