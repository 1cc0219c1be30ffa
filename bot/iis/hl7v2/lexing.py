"""A message as segments, fields, repetitions, components and subcomponents.

PyPI `hl7` does the same in five times the time, which counts where a million people are loaded; in the tests both
read alike.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.iis.cleaning import one_line
from bot.iis.hl7v2.errors import MessageError
from bot.iis.hl7v2.escaping import Separators, unescape

HEADER = re.compile(r"MSH([^\w\s])((?:(?!\1)[^\w\s]){4,5})\1")  # the fifth came with v2.7: truncation
SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}$")
FRAMING = "\ufeff\x0b\x1c \t"  # a byte order mark; MLLP's begin and end of a message; the indent of pretty XML
LINE_END = re.compile(r"\r\n|\r|\n")
READ = ("MSH", "MSA", "ERR", "QAK", "QPD", "PID", "ORC", "RXA")  # most lines are OBX, which say nothing to us
WRAPPERS = ("FHS", "BHS", "BTS", "FTS")
NULL = '""'


@dataclass(frozen=True, slots=True)
class Repeat:
    """One repetition of a field."""

    components: Sequence[str]
    separators: Separators

    def __repr__(self) -> str:
        return "Repeat(...)"

    def text(self, component: int = 1, subcomponent: int = 1) -> str:
        """What stands there, unescaped and on one line; "" for nothing, and for HL7's null."""
        written = self.components[component - 1] if component <= len(self.components) else ""
        if not written:
            return ""  # most places are empty
        parts = written.split(self.separators.subcomponent)
        text = one_line(unescape(parts[subcomponent - 1], self.separators)) if subcomponent <= len(parts) else None
        return text if text and text != NULL else ""


@dataclass(frozen=True, slots=True)
class Segment:
    id: str
    line: int  # of the message, from 1
    fields: Sequence[str]  # by HL7's numbers; 0 is the id
    separators: Separators

    def __repr__(self) -> str:
        return f"Segment({self.id}, line {self.line})"

    def repeats(self, field: int) -> Sequence[Repeat]:
        """The field's repetitions, empty ones too."""
        if field >= len(self.fields):
            return ()
        return [self._repeat(text) for text in self.fields[field].split(self.separators.repetition)]

    def text(self, field: int, component: int = 1, subcomponent: int = 1) -> str:
        """As `Repeat.text`, of the first repetition."""
        if field >= len(self.fields):
            return ""
        first = self.fields[field].partition(self.separators.repetition)[0]
        return self._repeat(first).text(component, subcomponent)

    def _repeat(self, text: str) -> Repeat:
        return Repeat(text.split(self.separators.component), self.separators)


@dataclass(frozen=True, slots=True)
class Message:
    """The segments that we read, in their order, MSH first."""

    segments: Sequence[Segment]

    def __repr__(self) -> str:
        return "Message(...)"

    @property
    def header(self) -> Segment:
        return self.segments[0]

    def all(self, segment_id: str) -> list[Segment]:
        return [segment for segment in self.segments if segment.id == segment_id]

    def first(self, segment_id: str) -> Segment | None:
        return next(iter(self.all(segment_id)), None)


def lex(text: str) -> Message:
    """The one message in a text, whatever its line ends and wrappers. Raises MessageError."""
    return lex_lines(LINE_END.split(text))


def lex_lines(lines: Sequence[str]) -> Message:
    """As `lex`, for a text that is split into lines already."""
    kept = list(_logical_lines(lines))
    if not kept or not kept[0][1].startswith("MSH"):
        raise MessageError("it does not begin with an MSH segment")
    if sum(line.startswith("MSH") for _, line in kept) > 1:
        raise MessageError("it is several messages")
    separators = _separators(kept[0][1])
    return Message([_segment(line, number, separators) for number, line in kept if line[:3] in READ])


def _segment(line: str, number: int, separators: Separators) -> Segment:
    fields = line.split(separators.field)
    if fields[0] == "MSH":
        fields.insert(1, separators.field)  # MSH-1 is the separator itself
    return Segment(fields[0], number, fields, separators)


def _logical_lines(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Segments with their line's number; a line that begins none goes on with the field before it."""
    number, segment, mark = 0, "", "|"
    for at, raw in enumerate(lines, 1):
        line = raw.strip(FRAMING)
        if header := HEADER.match(line):
            mark = header[1]
        if not (line[3:4] in (mark, "") and SEGMENT.match(line[:3])):
            segment += f" {line}" if segment and line.strip() else ""
            continue
        if segment:
            yield number, segment
        number, segment = at, "" if line[:3] in WRAPPERS else line
    if segment:
        yield number, segment


def _separators(header: str) -> Separators:
    found = HEADER.match(header)
    if not found or len({*found[1], *found[2]}) != len(found[1] + found[2]):
        raise MessageError("its MSH segment names no four different encoding characters")
    component, repetition, mark, subcomponent = list(found[2][:4])
    return Separators(found[1], component, repetition, mark, subcomponent)
