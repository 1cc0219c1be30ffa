"""How a FHIR server searches: strings by their beginning, tokens letter by letter, several values as "or". Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Resource = Mapping[str, Any]


def search(resources: Iterable[Resource], kind: str, parameters: Mapping[str, str]) -> list[Resource]:
    """The resources of a kind that meet every parameter; raises KeyError for one that is not known."""
    tests = [(READ[name], _values(value)) for name, value in parameters.items() if not name.startswith("_")]
    found = (resource for resource in resources if resource["resourceType"] == kind)
    return [resource for resource in found if all(meets(resource, values) for meets, values in tests)]


def alike(resources: Iterable[Resource], wanted: Resource) -> list[Resource]:
    """What $match answers: everybody of one birth date who shares a contact or a name, best first."""
    born = [found for found in resources if found["resourceType"] == "Patient" and _born(found, wanted)]
    scored = [(_score(found, wanted), found) for found in born]
    return [found for score, found in sorted(scored, key=lambda pair: -pair[0]) if score]


def same(resources: Iterable[Resource], wanted: Resource) -> list[Resource]:
    """What a strict $match answers: whoever has this birth date and these names, letter by letter, capitals aside."""
    born = [found for found in resources if found["resourceType"] == "Patient" and _born(found, wanted)]
    return [found for found in born if _as_it_stands(found) == _as_it_stands(wanted)]


def _as_it_stands(patient: Resource) -> list[str]:
    return " ".join([*_given(patient), *_families(patient)]).casefold().split()


def _score(found: Resource, wanted: Resource) -> int:
    contacts = {_digits(value) for value in _telecom(found)} & {_digits(value) for value in _telecom(wanted)}
    return 2 * len(contacts) + len(set(_names(found)) & set(_names(wanted)))


def _born(found: Resource, wanted: Resource) -> bool:
    return bool(found.get("birthDate") == wanted.get("birthDate"))


def _values(value: str) -> list[str]:
    """ "a,b\\,c" -> ["a", "b,c"]"""
    return [re.sub(r"\\(.)", r"\1", part) for part in re.findall(r"(?:\\.|[^,\\])+", value)]


def _string(read: Callable[[Resource], list[str]]) -> Callable[[Resource, list[str]], bool]:
    return lambda resource, values: any(
        held.startswith(_folded(value)) for held in map(_folded, read(resource)) for value in values
    )


def _token(read: Callable[[Resource], list[str]]) -> Callable[[Resource, list[str]], bool]:
    return lambda resource, values: bool(set(read(resource)) & set(values))


def _folded(text: str) -> str:
    kept = unicodedata.normalize("NFKD", text)
    return "".join(character for character in kept if not unicodedata.combining(character)).casefold()


def _families(patient: Resource) -> list[str]:
    return [name["family"] for name in patient.get("name", []) if name.get("family")]


def _given(patient: Resource) -> list[str]:
    return [given for name in patient.get("name", []) for given in name.get("given", [])]


def _names(patient: Resource) -> list[str]:
    return [_folded(name) for name in (*_families(patient), *_given(patient))]


def _telecom(patient: Resource, *systems: str) -> list[str]:
    points = patient.get("telecom", [])
    return [point["value"] for point in points if not systems or point.get("system") in systems]


def _digits(contact: str) -> str:
    return contact if "@" in contact else re.sub(r"\D", "", contact)[-10:]


def _subject(resource: Resource) -> list[str]:
    reference = str(resource.get("patient", {}).get("reference"))
    return [reference, reference.rpartition("/")[2]]


READ = {
    "birthdate": _token(lambda patient: [patient.get("birthDate", "")]),
    "name": _string(_names),
    "family": _string(_families),
    "given": _string(_given),
    "telecom": _token(_telecom),
    "phone": _token(lambda patient: _telecom(patient, "phone", "sms")),
    "email": _token(lambda patient: _telecom(patient, "email")),
    "patient": _token(_subject),
    "status": _token(lambda resource: [resource.get("status", "")]),
}
