"""Files of HL7 v2 messages: histories that a registry answered (RSP^K11), and reports of doses (VXU^V04)."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from bot.iis.hl7v2.decoding import decode
from bot.iis.hl7v2.doses import Order, doses, groups
from bot.iis.hl7v2.errors import MessageError, Problem, SegmentError
from bot.iis.hl7v2.lexing import Message, Segment, lex_lines
from bot.iis.hl7v2.patients import Identifier, identifiers, patient, registry_identifier
from bot.iis.hl7v2.response import CANDIDATES, NOBODY, message_kind, profile
from bot.iis.loading.entries import Entry, Rejected
from bot.iis.loading.hl7_messages import RawMessage, raw_messages

ANSWER, REPORT = "RSP", "VXU"
BATCH_BEGINS = (b"FHS", b"BHS")


def read(path: Path, file: BinaryIO, advance: Callable[[int], object]) -> Iterator[Entry]:
    """People and doses, message by message, in flat memory; `advance` hears how many bytes were read.

    Candidate lists and answers without a match have nothing to load: they say too little of a person.
    """
    wrapper, blank = b"", True
    for raw in raw_messages(file):
        if raw.is_too_long:
            yield Rejected(f"{path}:{raw.first}", "message too long", unread=True)
        else:
            yield from _Reader(path, raw).entries()
        blank = blank and raw.is_blank and not (raw.wrapper or raw.is_too_long)
        advance(raw.size)
        wrapper = raw.wrapper or wrapper
    if blank:
        yield Rejected(str(path), "the file is empty")
    if wrapper in BATCH_BEGINS:
        yield Rejected(str(path), "its batch does not end (BTS, FTS): the file is cut off", unread=True)


class _Reader:
    """Reads one piece of a file."""

    def __init__(self, path: Path, raw: RawMessage) -> None:
        self._path, self._raw = path, raw

    def entries(self) -> Iterator[Entry]:
        if self._raw.is_message:
            yield from self._message()
        elif not self._raw.is_blank:
            yield self._rejected(Problem(1, "text", "that belongs to no HL7 message"))

    def _rejected(self, problem: Problem, person_id: str | None = None) -> Rejected:
        where = f"{self._path}:{self._raw.first + problem.line - 1}"
        return Rejected(where, f"{problem.segment} {problem.reason}", person_id=person_id)

    def _message(self) -> Iterator[Entry]:
        try:
            message = lex_lines(decode(self._raw.lines))
        except MessageError as error:
            yield self._rejected(Problem(1, "message", f"left out: {error}"))
            return
        if message_kind(message) not in (ANSWER, REPORT):
            yield self._rejected(Problem(1, "message", "left out: neither RSP^K11 nor VXU^V04 (MSH-9)"))
        elif profile(message) not in (CANDIDATES, NOBODY):
            yield from self._people(message)

    def _people(self, message: Message) -> Iterator[Entry]:
        identifier = registry_identifier if message_kind(message) == REPORT else _first_identifier
        for group in groups(message):
            if group.pid:
                yield from self._person(group.pid, group.orders, identifier)
            else:
                yield self._rejected(Problem(group.orders[0].rxa.line, "RXA", "without a PID before it"))

    def _person(
        self, pid: Segment, orders: Sequence[Order], identifier: Callable[[Segment], Identifier]
    ) -> Iterator[Entry]:
        """Doses are loaded also where their person is not: another file may bring her."""
        try:
            person_id = identifier(pid).patient_id
        except SegmentError as error:
            yield self._rejected(Problem(pid.line, "PID", f"{error}; its doses are left out too"))
            return
        try:
            yield patient(pid)
        except SegmentError as error:
            yield self._rejected(Problem(pid.line, "PID", str(error)), person_id)
        for dose in doses(person_id, orders):
            yield self._rejected(dose, person_id) if isinstance(dose, Problem) else dose


def _first_identifier(pid: Segment) -> Identifier:
    return identifiers(pid)[0]
