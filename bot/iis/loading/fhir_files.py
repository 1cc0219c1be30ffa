"""FHIR files: NDJSON, with a resource or a Bundle on each line, and Bundles."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from bot.iis.dose import Dose
from bot.iis.fhir import resources as fhir
from bot.iis.loading.entries import Entry, Rejected
from bot.records import VaccineRecord

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read(path: Path, file: BinaryIO, advance: Callable[[int], object]) -> Iterator[Entry]:
    """What is in the file; `advance` hears how many bytes were read.

    NDJSON is read line by line, in flat memory; a Bundle written over several lines is read whole.
    """
    for number, document in _documents(path, file):
        yield from _read(f"{path}:{number}", document)
        advance(len(document))


def _documents(path: Path, file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Each JSON document with the number of its line; only a .json file may have one over several lines."""
    first = file.readline().removeprefix(BYTE_ORDER_MARK)
    if ".json" in path.suffixes[-2:] and _parse(first) is None:
        yield 1, first + file.read()
        return
    yield 1, first
    yield from enumerate(file, 2)


def _read(where: str, document: bytes) -> Iterator[Entry]:
    if not document.strip():
        return
    resource = _parse(document)
    if resource is None:
        yield Rejected(where, "not a JSON object")
    elif resource.get("resourceType") == "Bundle":
        yield from _bundle(where, resource)
    else:
        yield from _resource(where, resource)


def _parse(document: bytes) -> dict[str, Any] | None:
    try:
        parsed = orjson.loads(document)
    except orjson.JSONDecodeError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _bundle(where: str, bundle: Mapping[str, Any]) -> Iterator[Entry]:
    listed = bundle.get("entry")
    entries = [entry if isinstance(entry, dict) else {} for entry in listed] if isinstance(listed, list) else []
    patients = {str(entry.get("fullUrl")): found for entry in entries if (found := _patient_id(entry))}
    for number, entry in enumerate(entries, 1):
        url_id = fhir.reference_id(entry.get("fullUrl"))
        yield from _resource(f"{where}: entry {number}", entry.get("resource"), url_id, patients)


def _patient_id(entry: Mapping[str, Any]) -> str | None:
    resource = entry.get("resource")
    if not isinstance(resource, dict) or resource.get("resourceType") != "Patient":
        return None
    own = resource.get("id")
    return own if isinstance(own, str) else fhir.reference_id(entry.get("fullUrl"))


def _resource(
    where: str, resource: object, default_id: str | None = None, patients: Mapping[str, str] | None = None
) -> Iterator[Entry]:
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        yield Rejected(where, "not a FHIR resource")
        return
    try:
        entry = _entry(resource, default_id, patients)
    except fhir.ResourceError as error:
        yield Rejected(where, str(error))
        return
    if entry:
        yield entry


def _entry(
    resource: Mapping[str, Any], default_id: str | None, patients: Mapping[str, str] | None
) -> VaccineRecord | Dose | None:
    match resource["resourceType"]:
        case "Patient":
            return fhir.patient(resource, default_id)
        case "Immunization":
            return fhir.immunization(resource, default_id, patients)
        case _:
            return None  # bulk exports carry many other kinds
