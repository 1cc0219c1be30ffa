"""What a FHIR server says that it can do: its CapabilityStatement, read for what we need. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.iis.fhir.elements import Resource, objects
from bot.ports import IISRejected

OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
MATCH_NAMES = ("match", "$match", "patient-match")
MATCH_DEFINITION = "/OperationDefinition/Patient-match"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Search parameters by resource; none means that the server does not list them."""

    version: str
    match: bool
    patient: frozenset[str]
    immunization: frozenset[str]


def read_capabilities(statement: Resource) -> Capabilities:
    """Raises IISRejected for a server that is not R4 or does not serve Patient and Immunization."""
    version = statement.get("fhirVersion")
    if statement.get("resourceType") != "CapabilityStatement" or not isinstance(version, str):
        raise IISRejected("the address in IIS_URL answers /metadata, but with no CapabilityStatement of FHIR R4")
    if not version.startswith("4."):
        raise IISRejected("the registry speaks another FHIR than R4; ask it for the address of its R4 end point")
    rest = _rest(statement)
    patient, immunization = _served(rest, "Patient"), _served(rest, "Immunization")
    return Capabilities(
        version="R4" if version.startswith("4.0") else "R4B",
        match=any(map(_is_match, [*objects(patient.get("operation")), *objects(rest.get("operation"))])),
        patient=_search_parameters(patient),
        immunization=_search_parameters(immunization),
    )


def token_url(statement: Resource) -> str | None:
    """Where tokens are given, as servers said it before they had a smart-configuration."""
    security = _rest(statement).get("security")
    extensions = objects(security.get("extension")) if isinstance(security, dict) else []
    inner = [uri for found in extensions if found.get("url") == OAUTH_URIS for uri in objects(found.get("extension"))]
    found = (uri.get("valueUri") for uri in inner if uri.get("url") == "token")
    return next((uri for uri in found if isinstance(uri, str)), None)


def _rest(statement: Resource) -> Resource:
    return next((rest for rest in objects(statement.get("rest")) if rest.get("mode", "server") == "server"), {})


def _served(rest: Resource, kind: str) -> Resource:
    for served in objects(rest.get("resource")):
        if served.get("type") == kind:
            return served
    raise IISRejected(f"the registry's CapabilityStatement does not list {kind}; it cannot be asked for records")


def _search_parameters(served: Resource) -> frozenset[str]:
    return frozenset(_texts(served.get("searchParam"), "name"))


def _is_match(operation: Resource) -> bool:
    named = str(operation.get("name")).lower() in MATCH_NAMES
    return named or str(operation.get("definition")).partition("|")[0].endswith(MATCH_DEFINITION)


def _texts(value: object, key: str) -> Iterator[str]:
    return (text for item in objects(value) if isinstance(text := item.get(key), str))
