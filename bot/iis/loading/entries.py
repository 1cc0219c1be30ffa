"""What a registry's file holds for us: people, doses, and what could not be read."""

import re
from dataclasses import dataclass, field

from bot.iis.dose import Dose
from bot.records import VaccineRecord

WHERE = re.compile(r"(?P<file>.*?)(?::(?P<line>\d+)(?:: (?P<within>.*))?)?")


@dataclass(frozen=True, slots=True)
class Rejected:
    """What could not be loaded: where, and why, with nothing of the person."""

    where: str  # a whole file, or "export.ndjson:5", or "export.ndjson:5: entry 2"
    reason: str
    unread: bool = False  # more than this record may be lost: the file was cut off, or could not be read on
    person_id: str | None = field(default=None, repr=False)  # whose it is, if that could be read

    @property
    def leaves_file_unread(self) -> bool:
        return self.unread or not self.row[1]

    @property
    def row(self) -> tuple[str, str, str]:
        """File, line, reason."""
        found = WHERE.fullmatch(self.where)
        file, line, within = found.group("file", "line", "within") if found else (self.where, None, None)
        return file, line or "", f"{within}: {self.reason}" if within else self.reason


Entry = VaccineRecord | Dose | Rejected
