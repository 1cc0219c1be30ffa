"""RSP^K11: what the registry answered. Text only, no network."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.iis.dose import Dose
from bot.iis.doses import merged
from bot.iis.hl7v2.doses import Group, doses, groups
from bot.iis.hl7v2.errors import MessageError, Problem, SegmentError
from bot.iis.hl7v2.lexing import Message, Segment, lex
from bot.iis.hl7v2.patients import Identifier, identifiers, patient
from bot.records import VaccineRecord

CANDIDATES, NOBODY = "Z31", "Z33"
HISTORIES = ("Z32", "Z42")
SHORT_CODE = re.compile(r"[A-Z0-9]{1,8}", re.ASCII)
FIELD = re.compile(r"\d{1,3}", re.ASCII)
SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Complaint:
    """An ERR segment: only its codes, for its words may quote the question."""

    code: str  # ERR-3, HL7 table 0357: 101 is a required field that is missing
    severity: str  # ERR-4: E, W or I
    place: str  # ERR-2: "PID-24"

    def __str__(self) -> str:
        return " ".join(filter(None, (self.severity, self.code, self.place)))


@dataclass(frozen=True, slots=True)
class Found:
    """A person in an answer; a candidate's record has no doses."""

    record: VaccineRecord
    identifiers: Sequence[Identifier]  # the registry's own first

    def __repr__(self) -> str:
        return "Found(...)"


@dataclass(frozen=True, slots=True)
class Answer:
    profile: str  # MSH-21: Z31, Z32, Z33 or Z42; "" for another
    acknowledgment: str  # MSA-1: AA, AE, AR
    status: str  # QAK-2: OK, NF, TM, AE, AR
    tags: frozenset[str]  # QAK-1 and QPD-2, as far as they are there
    found: Sequence[Found]
    complaints: Sequence[Complaint]
    problems: Sequence[Problem]  # segments that were left out

    def __repr__(self) -> str:
        return f"Answer({self.profile})"


def parse_rsp(text: str) -> Answer:
    """Raises MessageError for what is no RSP^K11."""
    message = lex(text)
    if message_kind(message) not in ("RSP", "ACK"):  # a refusal may be a bare ACK
        raise MessageError("it is no RSP^K11 (MSH-9)")
    found, problems = _found(message)
    return Answer(
        profile=profile(message),
        acknowledgment=_code(message.first("MSA"), 1),
        status=_code(message.first("QAK"), 2),
        tags=_tags(message),
        found=found,
        complaints=[_complaint(err) for err in message.all("ERR")],
        problems=problems,
    )


def message_kind(message: Message) -> str:
    """MSH-9.1: RSP, VXU, ACK."""
    return message.header.text(9).upper()


def profile(message: Message) -> str:
    known = (CANDIDATES, *HISTORIES, NOBODY)
    named = (repeat.text().upper() for repeat in message.header.repeats(21))
    return next((name for name in named if name in known), "")


def _found(message: Message) -> tuple[list[Found], list[Problem]]:
    found: list[Found] = []
    problems: list[Problem] = []
    for group in groups(message):
        try:
            found.append(_person(group, problems))
        except SegmentError as error:
            line = group.pid.line if group.pid else group.orders[0].rxa.line
            problems.append(Problem(line, "PID", str(error)))
    return found, problems


def _person(group: Group, problems: list[Problem]) -> Found:
    if not group.pid:
        raise SegmentError("missing before the doses")
    record = patient(group.pid)
    read = list(doses(record.patient_id, group.orders))
    unread = [dose for dose in read if isinstance(dose, Problem)]
    problems += unread
    given = [dose.given for dose in read if isinstance(dose, Dose) and dose.given]
    return Found(replace(record, immunizations=merged(given), unreadable=len(unread)), identifiers(group.pid))


def _tags(message: Message) -> frozenset[str]:
    qak, qpd = message.first("QAK"), message.first("QPD")
    tags = (qak.text(1) if qak else "", qpd.text(2) if qpd else "")
    return frozenset(filter(None, tags))


def _code(segment: Segment | None, field: int) -> str:
    found = segment.text(field).upper() if segment else ""
    return found if SHORT_CODE.fullmatch(found) else ""


def _complaint(err: Segment) -> Complaint:
    segment, field = err.text(2, 1), err.text(2, 3)
    place = segment if SEGMENT_ID.fullmatch(segment) else ""
    return Complaint(
        code=_code(err, 3),
        severity=_code(err, 4)[:1],
        place=f"{place}-{field}" if place and FIELD.fullmatch(field) else place,
    )
