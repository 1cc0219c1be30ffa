"""What a registry's file holds for us: people, doses, and what could not be read."""

import re
from dataclasses import dataclass, field

from bot.iis.dose import Dose
from bot.records import VaccineRecord

REJECTED_ONE_IN = 10  # a registry has some records that we cannot read; of an export that has changed they are many
REJECTED_ALWAYS = 10  # that many may be wrong in a file of any length
ANEW = "Get the file anew, and load it again."
WHERE = re.compile(r"(?P<file>.*?)(?::(?P<line>\d+)(?:: (?P<within>.*))?)?")


@dataclass(frozen=True, slots=True)
class Rejected:
    """What could not be loaded: where, and why, with nothing of the person."""

    where: str  # a whole file, or "export.ndjson:5", or "export.ndjson:5: entry 2"
    reason: str
    unread: bool = False  # more than this record may be lost: the file was cut off, or could not be read on
    person_id: str | None = field(default=None, repr=False)  # whose it is, if that could be read
    then: str = ANEW  # what to do about a file that could not be read to its end

    @property
    def leaves_file_unread(self) -> bool:
        return self.unread or not self.row[1]

    @property
    def row(self) -> tuple[str, str, str]:
        """File, line, reason."""
        found = WHERE.fullmatch(self.where)
        file, line, within = found.group("file", "line", "within") if found else (self.where, None, None)
        return file, line or "", f"{within}: {self.reason}" if within else self.reason


@dataclass(frozen=True, slots=True)
class ManyRejected:
    """A file, or all of them, of which too much was rejected for a night like any other."""

    file: str
    rejected: int
    records: int

    def __str__(self) -> str:
        return f"{self.file}: {self.rejected:,} of {self.records:,} records were rejected"


def too_many_rejected(rejected: int, records: int) -> bool:
    return rejected > max(REJECTED_ALWAYS, records // REJECTED_ONE_IN)


Entry = VaccineRecord | Dose | Rejected
