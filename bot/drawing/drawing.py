"""What is drawn, in words and ready to show: texts of the flow and facts of the registry."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

Fact = tuple[str, str]  # what it is called, and what it is
Detail = tuple[str, str, str]  # the same, and the mark of a note; "" where there is none to it


@dataclass(frozen=True, slots=True)
class DrawnDose:
    title: str
    date: str
    product: str
    facts: tuple[Detail, ...]  # lot and place, as far as they are known
    note: str  # why it is not in the code; "" where it is

    def __repr__(self) -> str:
        return "DrawnDose(...)"


@dataclass(frozen=True, slots=True)
class DrawnCard:
    """One vaccine group."""

    heading: str  # "" where there is nothing to tell apart
    qr: str  # an SVG; "" where no dose can be in a code
    modules: int  # of the code in a row, with the white around it
    facts: tuple[Fact, ...]  # reference number and date of issue
    doses: tuple[DrawnDose, ...]
    notes: tuple[Fact, ...]  # mark and text: why a lot or place is not in the code; without a mark: of doses not shown

    def __repr__(self) -> str:
        return "DrawnCard(...)"


@dataclass(frozen=True, slots=True)
class Drawing:
    language: str  # such as "zh-Hans"
    direction: str  # "ltr" or "rtl"
    title: str
    issuer: str
    scan: str  # what the code is, for those who cannot see it
    person: tuple[Fact, ...]  # name and birth date
    name_note: str  # where the name is not whole in the code
    cards: tuple[DrawnCard, ...]
    about: str  # what it is and is not
    advice: tuple[Fact, ...]  # title and text
    missing: str  # what is said where a letter cannot be drawn

    def __repr__(self) -> str:
        return "Drawing(...)"


def as_data(drawing: Drawing, write: Callable[[str], str]) -> dict[str, Any]:
    """What card.typ reads. Every text goes through `write`, but for the codes, which are drawings themselves."""
    data = asdict(drawing)
    codes = [card.pop("qr") for card in data["cards"]]
    written: dict[str, Any] = _each(data, write)
    for card, qr in zip(written["cards"], codes, strict=True):
        card["qr"] = qr
    return written


def _each(value: Any, write: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {key: _each(part, write) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_each(part, write) for part in value]
    return write(value) if isinstance(value, str) else value
