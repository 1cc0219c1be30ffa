"""Files of HL7 v2 messages: histories that a registry answered (RSP^K11), and reports of doses (VXU^V04)."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from bot.iis.hl7v2.decoding import decode
from bot.iis.hl7v2.doses import Order, doses, groups
from bot.iis.hl7v2.errors import MessageError, Problem, SegmentError
from bot.iis.hl7v2.lexing import Message, Segment, lex_lines
from bot.iis.hl7v2.patients import identifiers, patient, registry_identifier
from bot.iis.hl7v2.response import CANDIDATES, NOBODY, message_kind, profile
from bot.iis.loading.entries import Entry, Rejected
from bot.iis.loading.hl7_messages import RawMessage, raw_messages

ANSWER, REPORT = "RSP", "VXU"
BATCH_BEGINS = (b"FHS", b"BHS")


def read(path: Path, file: BinaryIO, advance: Callable[[int], object]) -> Iterator[Entry]:
    """People and doses, message by message, in flat memory; `advance` hears how many bytes were read.

    Candidate lists and answers without a match have nothing to load: they say too little of a person.
    """
    wrapper = b""
    for raw in raw_messages(file):
        if raw.is_too_long:
            yield Rejected(f"{path}:{raw.first}", "message too long", unread=True)
        else:
            yield from (_placed(path, raw, entry) for entry in _entries(raw))
        advance(raw.size)
        wrapper = raw.wrapper or wrapper
    if wrapper in BATCH_BEGINS:
        yield Rejected(str(path), "its batch does not end (BTS, FTS): the file is cut off", unread=True)


def _placed(path: Path, raw: RawMessage, entry: Entry | Problem) -> Entry:
    if isinstance(entry, Problem):
        return Rejected(f"{path}:{raw.first + entry.line - 1}", f"{entry.segment} {entry.reason}")
    return entry


def _entries(raw: RawMessage) -> Iterator[Entry | Problem]:
    if raw.is_message:
        yield from _message(raw)
    elif not raw.is_blank:
        yield Problem(1, "text", "that belongs to no HL7 message")


def _message(raw: RawMessage) -> Iterator[Entry | Problem]:
    try:
        message = lex_lines(decode(raw.lines))
    except MessageError as error:
        yield Problem(1, "message", f"left out: {error}")
        return
    if message_kind(message) not in (ANSWER, REPORT):
        yield Problem(1, "message", "left out: neither RSP^K11 nor VXU^V04 (MSH-9)")
    elif profile(message) not in (CANDIDATES, NOBODY):
        yield from _people(message)


def _people(message: Message) -> Iterator[Entry | Problem]:
    for group in groups(message):
        if not group.pid:
            yield Problem(group.orders[0].rxa.line, "RXA", "without a PID before it")
            continue
        yield from _person(group.pid, group.orders, is_report=message_kind(message) == REPORT)


def _person(pid: Segment, orders: Sequence[Order], *, is_report: bool) -> Iterator[Entry | Problem]:
    """Doses are loaded also where their person is not: another file may bring her."""
    try:
        person_id = (registry_identifier(pid) if is_report else identifiers(pid)[0]).patient_id
    except SegmentError as error:
        yield Problem(pid.line, "PID", f"{error}; its doses are left out too")
        return
    try:
        yield patient(pid)
    except SegmentError as error:
        yield Problem(pid.line, "PID", str(error))
    yield from doses(person_id, orders)
