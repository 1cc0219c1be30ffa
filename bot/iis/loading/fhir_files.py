"""FHIR files: NDJSON, with a resource or a Bundle on each line, and Bundles."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from bot.iis.dose import Dose
from bot.iis.fhir import resources as fhir
from bot.iis.loading.bounded import bounded
from bot.iis.loading.entries import Entry, Rejected
from bot.records import VaccineRecord

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST = 100_000_000  # bytes of a line or document; parsed it takes some times as much memory
ONE_A_LINE = "Write it as a Bundle, or as NDJSON, with a resource on each line."
DELETION = "a deletion names no person, so it is not followed: load a whole export with --full"
TOO_LONG = f"more than {LONGEST // 1_000_000} MB in one piece"


def read(path: Path, file: BinaryIO, advance: Callable[[int], object]) -> Iterator[Entry]:
    """What is in the file; `advance` hears how many bytes were read.

    NDJSON is read line by line, in flat memory; a Bundle written over several lines is read whole.
    """
    first, size = next(bounded(file, LONGEST), (b"", 0))
    begin = first and first.removeprefix(BYTE_ORDER_MARK)
    advance(size)
    if (".json" in path.suffixes[-2:] or _goes_on(begin)) and (begin is None or _parse(begin) is None):
        rest = file.read(LONGEST + 1) if begin is not None else b""
        yield from _document(f"{path}:1", begin, rest)
        advance(len(rest))
        return
    yield from _line(f"{path}:1", begin)
    blank = begin is not None and not begin.strip()
    for number, (line, length) in enumerate(bounded(file, LONGEST), 2):
        yield from _line(f"{path}:{number}", line)
        blank = blank and line is not None and not line.strip()
        advance(length)
    if blank:
        yield Rejected(str(path), "the file is empty")


def _goes_on(begin: bytes | None) -> bool:
    """Whether the first line is the first of a document over several lines."""
    return begin is not None and begin.endswith(b"\n") and begin.rstrip().endswith((b"{", b"[", b","))


def _document(where: str, begin: bytes | None, rest: bytes) -> Iterator[Entry]:
    """One over several lines."""
    if begin is None or len(rest) > LONGEST:
        yield Rejected(where, f"{TOO_LONG}: write it as NDJSON", unread=True)
    elif (resource := _parse(begin + rest)) is None and _is_json(begin + rest):
        yield Rejected(where, "no JSON object", unread=True, then=ONE_A_LINE)
    elif resource is None:
        yield Rejected(where, "not a JSON object: is the file cut off?", unread=True)
    else:
        yield from _read(where, resource)


def _line(where: str, line: bytes | None) -> Iterator[Entry]:
    if line is None:
        yield Rejected(where, TOO_LONG, unread=True)
    elif not line.strip():
        return
    elif (resource := _parse(line)) is not None:
        yield from _read(where, resource)
    elif line.endswith(b"\n"):
        yield Rejected(where, "not a JSON object")
    else:
        yield Rejected(where, "not a JSON object: the file is cut off here", unread=True)


def _read(where: str, resource: Mapping[str, Any]) -> Iterator[Entry]:
    if resource.get("resourceType") == "Bundle":
        yield from _bundle(where, resource)
    else:
        yield from _resource(where, resource)


def _parse(document: bytes) -> dict[str, Any] | None:
    try:
        parsed = orjson.loads(document)
    except orjson.JSONDecodeError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _is_json(document: bytes) -> bool:
    try:
        orjson.loads(document)
    except orjson.JSONDecodeError:
        return False
    return True


def _bundle(where: str, bundle: Mapping[str, Any]) -> Iterator[Entry]:
    listed = bundle.get("entry")
    entries = [entry if isinstance(entry, dict) else {} for entry in listed] if isinstance(listed, list) else []
    patients = {str(entry.get("fullUrl")): found for entry in entries if (found := _patient_id(entry))}
    for number, entry in enumerate(entries, 1):
        place = f"{where}: entry {number}"
        if _is_deletion(entry):
            yield Rejected(place, DELETION)
        else:
            url_id = fhir.reference_id(entry.get("fullUrl"))
            yield from _resource(place, entry.get("resource"), url_id, patients)


def _is_deletion(entry: Mapping[str, Any]) -> bool:
    request = entry.get("request")
    return "resource" not in entry and isinstance(request, dict) and request.get("method") == "DELETE"


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
        yield Rejected(where, str(error), person_id=fhir.person_id(resource, default_id, patients))
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
