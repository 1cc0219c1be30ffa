"""One counter of one day: what happened, on which steps, in which language, in which state."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Field:
    kind: str  # "started", "reached", "retried", "ended", "abandoned", "outcome" or "finished"
    structure: str = ""  # of the flow
    language: str = ""  # "" before one is chosen
    state: str = ""
    code: str = ""  # why a question was asked again, or how work came out

    def __str__(self) -> str:
        return f"{self.kind}|{self.structure}|{self.language}|{self.state}|{self.code}"

    @classmethod
    def read(cls, text: str) -> Self:
        return cls(*text.split("|")[:5])
