"""What can be wrong with a message. Nothing here quotes it: it is about a person."""

from dataclasses import dataclass


class MessageError(Exception):
    """Text that is no HL7 message, or not one that we expect."""


class SegmentError(Exception):
    """A segment without something that we need. Says what is missing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A segment that was left out, and why."""

    line: int  # of the message, from 1
    segment: str  # "RXA"
    reason: str

    def __str__(self) -> str:
        return f"{self.segment} in line {self.line}: {self.reason}"
