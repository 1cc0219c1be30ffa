"""The registry as a FHIR R4 server: whom $match or a search finds, and her doses."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

import structlog

from bot.iis.doses import merged
from bot.iis.fhir import resources as fhir
from bot.iis.fhir.address import FhirAddress
from bot.iis.fhir.assertion import read_key
from bot.iis.fhir.capabilities import Capabilities, read_capabilities
from bot.iis.fhir.elements import Resource
from bot.iis.fhir.match import match_parameters, searches
from bot.iis.fhir.resources import ResourceError
from bot.iis.fhir.server import ID, FhirServer
from bot.iis.fhir.standing import successor
from bot.iis.http.client import HttpClient
from bot.iis.http.deadline import deadline, while_there_is_time
from bot.iis.http.tls import PUBLIC, Tls
from bot.iis.matching import best_match
from bot.iis.other_names import other_names
from bot.iis.steps import Step
from bot.records import Demographics, Immunization, VaccineRecord

log = structlog.get_logger()

REFRESH = 3600.0  # seconds for which we trust what the server said that it can do
LONGEST_CHAIN = 3  # of records that were merged again and again
PAGE = "100"
NOBODY = Demographics("Nobody", "Nowhere", date(1850, 1, 1), "+12025550100")
NOBODYS_ID = "vaxtext-check"


class FhirIIS:
    """An IIS that is asked live. Safe to share between threads, and to keep across a fork. One attempt each."""

    def __init__(
        self, address: FhirAddress, *, timeout: float = 5.0, private_key: bytes | None = None, tls: Tls = PUBLIC
    ) -> None:
        """`timeout`: seconds for a whole lookup, with the token, all searches and all pages; what was learned on the
        way (a token, what the server can) serves the next one. `private_key`: PEM, JWK or JWK Set. Raises ValueError
        with the fix.
        """
        self._address, self._timeout = address, timeout
        self._client = HttpClient(timeout, tls)
        self._server = FhirServer(address, self._client, read_key(private_key) if private_key else None)
        self._known: Capabilities | None = None
        self._known_until = 0.0

    def find(self, who: Demographics) -> VaccineRecord | None:
        with deadline(self._timeout):
            return self._find(who)

    def ping(self) -> None:
        with deadline(self._timeout):
            self._learn()

    def close(self) -> None:
        self._client.close()

    def steps(self) -> Sequence[Step]:
        tried = {"connect": self._connect, "authenticate": self._authenticate, "search": self._search}
        return [Step(name, deadline(self._timeout)(work)) for name, work in tried.items()]

    def _find(self, who: Demographics) -> VaccineRecord | None:
        record = best_match(who, self._candidates(who))
        if not record:
            return None
        given, unreadable = self._doses(record.patient_id)
        return replace(record, immunizations=given, unreadable=unreadable)

    def _candidates(self, who: Demographics) -> list[VaccineRecord]:
        """The records of whoever may be meant."""
        found = [patient for patient in self._patients(who) if patient.get("resourceType") == "Patient"]
        once = {str(patient.get("id")): patient for patient in found}  # several searches may find the same
        standing = [current for patient in once.values() if (current := self._current(patient))]
        records, left_out = _read(standing)
        _tell("Patient", left_out)
        return list({record.patient_id: record for record in records}.values())

    def _patients(self, who: Demographics) -> list[Resource]:
        can = self._capabilities()
        found = self._match(who) if can.match else None
        if found is not None:
            return found
        return [patient for parameters in searches(who, can.patient) for patient in self._server.patients(parameters)]

    def _match(self, who: Demographics) -> list[Resource] | None:
        """Where it finds nobody of the name that she typed, by those that mean the same. None: it does not match."""
        found: list[Resource] | None = None
        for named, _ in zip((who, *other_names(who)), while_there_is_time(), strict=False):
            if (found := self._server.match(match_parameters(named))) != []:
                break
        return found

    def _current(self, patient: Resource) -> Resource | None:
        """The Patient whose record stands for this one after merges; None if there is none."""
        current: Resource | None = patient
        for _ in range(LONGEST_CHAIN):
            if current is None or (reference := successor(current)) is None:
                break
            current = self._server.patient(reference)
        else:
            return None
        return current

    def _doses(self, patient_id: str) -> tuple[tuple[Immunization, ...], int]:
        """Her doses, and how many more there are that could not be read."""
        listed = self._capabilities().immunization
        asked = {"patient": f"Patient/{patient_id}", "_count": PAGE}  # under a bare id some servers find nothing
        if not listed or "status" in listed:
            asked["status"] = "completed"
        given, unreadable = _given(self._server.search("Immunization", asked), patient_id)
        _tell("Immunization", unreadable)
        return merged(given), unreadable

    def _capabilities(self) -> Capabilities:
        known = self._known
        return known if known and time.monotonic() < self._known_until else self._learn()

    def _learn(self) -> Capabilities:
        known = self._known = read_capabilities(self._server.capability_statement())
        self._known_until = time.monotonic() + REFRESH
        return known

    def _connect(self) -> str:
        return f"{self._address.base} answers and speaks FHIR {self._learn().version}"

    def _authenticate(self) -> str:
        if self._server.tokens is None:
            return "no client id in IIS_URL, so we ask without a token"
        granted = self._server.tokens.fetch().scope
        missing = [scope for scope in self._address.scope.split() if granted and scope not in granted.split()]
        told = f"a token was given, but not for {' '.join(missing)}" if missing else "a token was given"
        return f"{told}, as {self._address.client_id}"

    def _search(self) -> str:
        can = self._capabilities()
        self._candidates(NOBODY)
        self._doses(NOBODYS_ID)
        if can.match:
            return "Patient $match and the search for Immunization are allowed"
        how = "GET, which leaves names and birth dates in the logs on the way" if self._address.by_get else "POST"
        return f"no $match here: Patient is searched by {how}; the search for Immunization is allowed"


def _read(patients: Iterable[Resource]) -> tuple[list[VaccineRecord], int]:
    """The records, and how many were none."""
    records, left_out = [], 0
    for patient in patients:
        try:
            records.append(_sound(fhir.patient(patient)))
        except ResourceError:
            left_out += 1
    return records, left_out


def _sound(record: VaccineRecord) -> VaccineRecord:
    """With an id that we can ask for; "p1,p2" would ask for two people."""
    if not ID.fullmatch(record.patient_id):
        raise ResourceError("Patient with an id that FHIR does not allow")
    return record


def _given(resources: Iterable[Resource], patient_id: str) -> tuple[list[Immunization], int]:
    """What this person was given, whatever else the server sent along, and how many of her doses could not be read."""
    given, unreadable = [], 0
    for resource in resources:
        if resource.get("resourceType") != "Immunization" or fhir.person_id(resource) not in (patient_id, None):
            continue
        try:
            dose = fhir.immunization(resource)
        except ResourceError:
            unreadable += 1
            continue
        if dose and dose.given:
            given.append(dose.given)
    return given, unreadable


def _tell(kind: str, left_out: int) -> None:
    if left_out:
        log.warning("iis_resources_left_out", kind=kind, count=left_out)
