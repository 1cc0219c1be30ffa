"""Cards and what is no card, each with what must be said of it: the same by the page as by the terminal.

Each rule is broken once. Keys and signatures are made anew for every run.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Vector:
    name: str
    text: str  # what is shown: a code, a JWS, the content of a file
    says: list[str]  # the verdict on each card in it, or the one kind of what is no card
    facts: tuple[dict[str, Any], ...] = ()  # of the cards that are verified
