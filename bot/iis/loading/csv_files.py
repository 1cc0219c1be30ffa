"""CSV files: a header, then a line for each dose, or for a person without one."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import BinaryIO

from bot.iis.cleaning import LONGEST_ID, email, one_line, phone
from bot.iis.dose import Dose
from bot.iis.loading.csv_lines import TOO_LONG, Unreadable, lines
from bot.iis.loading.entries import Entry, Rejected
from bot.iis.names_on_record import names_besides
from bot.records import Immunization, PersonName, VaccineRecord
from bot.vaccines import NO_DOSE, read_cvx

NEEDED = ("person_id", "family", "given", "birth_date", "cvx", "date")
ABOUT_PERSON = ("suffix", "other_names", "phone", "email", "person_status")
COLUMNS = (*NEEDED, *ABOUT_PERSON, "dose_id", "lot", "place", "mvx", "status")
OF_PERSON = ("person_id", "family", "given", "birth_date", *ABOUT_PERSON)
OF_DOSE = ("cvx", "date", "dose_id")
DELIMITERS = ",;\t|"
NOTHING = DELIMITERS + " \r\n"
STANDS, DIED, LEFT = ("", "active"), "deceased", ("inactive", "merged")  # person_status
GIVEN = ("", "completed", "cp", "pa")  # FHIR's word, HL7's RXA-20
TAKEN_BACK = ("entered-in-error", "not-done", "re", "na", "d")  # FHIR's words, HL7's RXA-20 and RXA-21
MEND = "Mend its first line, and load it again."
CUT = "without an end of the line: the file may be cut off here, or else end its last line too"
ISO_DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?:[T ].*)?")
US_DATE = re.compile(r"(?P<month>\d\d?)/(?P<day>\d\d?)/(?P<year>\d{4})(?: .*)?")

Line = Mapping[str, str]


class LineWrong(Exception):
    """A line that cannot be loaded. Says which column, and nothing of the person."""


def read(path: Path, file: BinaryIO, advance: Callable[[int], object]) -> Iterator[Entry]:
    """What is in the file, in flat memory; `advance` hears how many bytes were read."""
    numbered = enumerate(lines(file, advance), 1)
    filled = ((number, line) for number, line in numbered if isinstance(line, Unreadable) or line.strip(NOTHING))
    number, first = next(filled, (1, ""))
    try:
        header, delimiter = _header(first)
    except LineWrong as error:
        yield Rejected(f"{path}:{number}", str(error), unread=True, then=MEND)
        return
    entries = _Entries()
    for number, line in filled:
        if isinstance(line, str) and not line.endswith(("\n", "\r")):  # "20" may be what is left of "208"
            yield Rejected(f"{path}:{number}", CUT, unread=True)
            continue
        person_id = None
        try:
            fields = _fields(line, header, delimiter)
            person_id = fields["person_id"] or None
            yield from entries.of(fields)
        except LineWrong as error:
            yield Rejected(f"{path}:{number}", str(error), line == TOO_LONG, person_id)


def is_header(begin: bytes) -> bool:
    """Whether a file that begins like this has our columns."""
    return b"person_id" in begin.split(b"\n", 1)[0].lower()


def _header(line: str | Unreadable) -> tuple[list[str], str]:
    """The columns, and what is between them. Raises LineWrong."""
    delimiter = max(DELIMITERS, key=line.count) if isinstance(line, str) else ""
    columns = [name.strip().lower().replace(" ", "_") for name in _split(line, delimiter)]
    if not any(name in COLUMNS for name in columns):
        raise LineWrong(f"the first line is no header; {_known()}")  # and it may be a person: never quoted
    for name in columns:
        if name not in COLUMNS:
            raise LineWrong(f"there is no column named {name!r}; {_known()}")
        if columns.count(name) > 1:
            raise LineWrong(f"the column {name} is there twice")
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise LineWrong(f"without the column {' and the column '.join(missing)}; {_known()}")
    return columns, delimiter


def _known() -> str:
    return f"needed are {', '.join(NEEDED)}; known besides {', '.join(COLUMNS[len(NEEDED) :])}"


def _fields(line: str | Unreadable, header: list[str], delimiter: str) -> Line:
    values = _split(line, delimiter)
    if len(values) > len(header) and any(value.strip() for value in values[len(header) :]):
        raise LineWrong("more fields than columns: quote a field that holds the delimiter")
    if len(values) < len(header):
        raise LineWrong(f"only {len(values)} of {len(header)} fields")
    return {name: one_line(value) or "" for name, value in zip(header, values, strict=False)}


def _split(line: str | Unreadable, delimiter: str) -> list[str]:
    """Each line by itself: one quote too many must not swallow the lines below."""
    if isinstance(line, Unreadable):
        raise LineWrong(line.reason)
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        raise LineWrong("a quote that does not end on its line, or a field without end") from None


class _Entries:
    """Reads a person once, though she stands on the line of each of her doses."""

    def __init__(self) -> None:
        self._who: list[str | None] = []

    def of(self, line: Line) -> Iterator[Entry]:
        """The person unless she was on the line above, and her dose if this line has one. Raises LineWrong."""
        who = [line.get(column) for column in OF_PERSON]
        if who != self._who:
            yield _person(line)
            self._who = who
        if any(line.get(column) for column in OF_DOSE):
            yield from _dose(line, line["person_id"])


def _person(line: Line) -> VaccineRecord:
    if not line["family"] and not line["given"]:
        raise LineWrong("family and given are both empty")
    status = _person_status(line)
    official = PersonName(line["family"], tuple(_several(line, "given")), line.get("suffix") or None)
    return VaccineRecord(
        patient_id=_id(line, "person_id"),
        family=official.family,
        given=official.given,
        birth_date=_date(line, "birth_date"),
        suffix=official.suffix,
        phones=frozenset() if status in LEFT else frozenset(filter(None, map(phone, _several(line, "phone")))),
        emails=frozenset() if status in LEFT else frozenset(filter(None, map(email, _several(line, "email")))),
        other_names=names_besides(official, map(_other_name, _several(line, "other_names"))),
        died=status == DIED,
    )


def _person_status(line: Line) -> str:
    """Of one who is inactive, or merged into another, no contact is kept: so nobody can be found by it."""
    status = line.get("person_status", "").lower()
    if status not in (*STANDS, DIED, *LEFT):
        raise LineWrong(f"person_status is none of {', '.join((*STANDS[1:], DIED, *LEFT))}")
    return status


def _other_name(written: str) -> PersonName:
    """ "Reyes, Ana María"; or "Reyes" alone."""
    family, _, given = written.partition(",")
    return PersonName(family.strip(), tuple(given.split()))


def _dose(line: Line, owner: str) -> Iterator[Dose]:
    status = line.get("status", "").lower()
    if status in TAKEN_BACK:
        yield Dose(owner, _dose_id(line), None)
        return
    if status not in GIVEN:
        raise LineWrong(f"status is none of {', '.join(GIVEN[1:] + TAKEN_BACK)}")
    given = Immunization(
        cvx=_cvx(line),
        date=_date(line, "date"),
        lot=line.get("lot") or None,
        place=line.get("place") or None,
        mvx=line.get("mvx") or None,
    )
    if given.cvx != NO_DOSE:
        yield Dose(owner, _dose_id(line), given)


def _dose_id(line: Line) -> str:
    """The registry's own, or what tells the shot from the person's others."""
    if line.get("dose_id"):
        return _id(line, "dose_id")
    return " ".join((_date(line, "date").isoformat(), _cvx(line), line.get("lot", "")[:LONGEST_ID])).strip()


def _id(line: Line, column: str) -> str:
    if not line[column] or len(line[column]) > LONGEST_ID:
        raise LineWrong(f"{column} is empty or has more than {LONGEST_ID} characters")
    return line[column]


def _cvx(line: Line) -> str:
    code = read_cvx(line["cvx"])  # also the "8" that spreadsheets make of "08"
    if not code:
        raise LineWrong("cvx is no CVX code, such as 208")
    return code


def _date(line: Line, column: str) -> date:
    found = ISO_DATE.fullmatch(line[column]) or US_DATE.fullmatch(line[column])
    try:
        if found:
            return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        pass
    raise LineWrong(f"{column} is no full date, such as 1985-03-27 or 03/27/1985")


def _several(line: Line, column: str) -> list[str]:
    return [part.strip() for part in line.get(column, "").split(";") if part.strip()]
