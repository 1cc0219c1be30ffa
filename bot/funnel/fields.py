"""One counter of one day: what happened, on which steps, in which language, in which state."""

from dataclasses import astuple, dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Field:
    kind: str  # "started", "reached", "retried", "ended", "abandoned", "outcome" or "finished"
    structure: str = ""  # of the flow
    language: str = ""  # "" before one is chosen
    state: str = ""
    code: str = ""  # why a question was asked again, or how work came out

    def __str__(self) -> str:
        return "|".join(astuple(self))

    @classmethod
    def read(cls, text: str) -> Self:
        return cls(*text.split("|")[:5])
