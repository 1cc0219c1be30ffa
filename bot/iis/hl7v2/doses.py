"""ORC and RXA: which doses a person had, and which the registry took back. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

from bot.iis.cleaning import LONGEST_ID
from bot.iis.dose import Dose
from bot.iis.doses import merged
from bot.iis.hl7v2.errors import Problem, SegmentError
from bot.iis.hl7v2.lexing import Message, Segment
from bot.iis.hl7v2.timestamps import day
from bot.records import Immunization
from bot.vaccines import NO_DOSE, read_cvx

CVX_TABLES, MVX_TABLES = ("CVX", "HL70292"), ("MVX", "HL70227")
MVX = re.compile(r"[A-Za-z0-9]{2,4}", re.ASCII)
NOT_GIVEN = ("RE", "NA")  # RXA-20: refused, not administered
CANCELED = ("CA", "CR", "OC")  # ORC-1
DELETED = "D"  # RXA-21
PLACEHOLDER = "9999"  # ORC-3 of those who have no number to give, in CDC's guide


@dataclass(frozen=True, slots=True)
class Order:
    """An RXA with the ORC before it, if it has one of its own."""

    rxa: Segment
    orc: Segment | None

    @property
    def number(self) -> str:
        """ORC-3, the filler's; "" for none."""
        number, filler = (self.orc.text(3, 1), self.orc.text(3, 2)) if self.orc else ("", "")
        whole = f"{number}^{filler}"
        return whole if number and number != PLACEHOLDER and len(whole) <= LONGEST_ID else ""


@dataclass(frozen=True, slots=True)
class Group:
    """One person's part of a message; `pid` is None for doses before anybody."""

    pid: Segment | None
    orders: Sequence[Order]


def groups(message: Message) -> Iterator[Group]:
    """Each PID with the doses that follow it. An ORC without an RXA is no dose."""
    pid: Segment | None = None
    orc: Segment | None = None
    orders: list[Order] = []
    for segment in message.segments:
        match segment.id:
            case "PID":
                if pid or orders:
                    yield Group(pid, orders)
                pid, orc, orders = segment, None, []
            case "ORC":
                orc = segment
            case "RXA":
                orders.append(Order(segment, orc))
                orc = None
    if pid or orders:
        yield Group(pid, orders)


def doses(person_id: str, orders: Sequence[Order]) -> Iterator[Dose | Problem]:
    """Each dose once, also those taken back, then what could not be read."""
    latest: dict[str, Dose] = {}
    problems: list[Problem] = []
    numbers = [order.number for order in orders]
    uses = Counter(numbers)
    for order, number in zip(orders, numbers, strict=True):
        try:
            for dose in _doses(person_id, order, number if uses[number] == 1 else ""):  # some number all alike
                latest[dose.id] = _fuller(latest.get(dose.id), dose)
        except SegmentError as error:
            problems.append(Problem(order.rxa.line, "RXA", str(error)))
    yield from latest.values()
    yield from problems


def _fuller(known: Dose | None, dose: Dose) -> Dose:
    """The later, but of two reports of one shot the one that says more."""
    if known and known.given and dose.given:
        return replace(dose, given=merged([known.given, dose.given])[0])
    return dose


def _doses(person_id: str, order: Order, number: str) -> Iterator[Dose]:
    rxa = order.rxa
    cvx = next(filter(None, map(read_cvx, _codes(rxa, 5, CVX_TABLES))), None)
    if cvx == NO_DOSE:
        return
    if _is_not_given(rxa):
        yield from [Dose(person_id, number, None)] if number else ()
        return
    given_on = day(rxa.text(3))
    if not cvx or not given_on:
        if number and _is_taken_back(order):
            yield Dose(person_id, number, None)
            return
        raise SegmentError("without a full date (RXA-3)" if cvx else "without a CVX code (RXA-5)")
    given = _immunization(rxa, cvx, given_on)
    told = _told_id(person_id, given)
    if _is_taken_back(order):
        yield from (Dose(person_id, dose_id, None) for dose_id in {number or told, told})
    else:
        yield Dose(person_id, number or told, given)


def _is_not_given(rxa: Segment) -> bool:
    status = rxa.text(20)[:2].upper()
    return status in NOT_GIVEN or (not status and bool(rxa.text(18)))  # RXA-18: why it was refused


def _is_taken_back(order: Order) -> bool:
    canceled = order.orc is not None and order.orc.text(1).upper() in CANCELED
    return canceled or order.rxa.text(21)[:1].upper() == DELETED


def _told_id(person_id: str, given: Immunization) -> str:
    """An id made from what the dose is, the same at every load."""
    facts = (person_id, given.date.isoformat(), given.cvx, given.lot or "")
    return sha256("\0".join(facts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _immunization(rxa: Segment, cvx: str, given_on: date) -> Immunization:
    lots = (repeat.text() for repeat in rxa.repeats(15))
    return Immunization(
        cvx=cvx,
        date=given_on,
        lot=next(filter(None, lots), None),
        place=_place(rxa),
        mvx=next((code.upper() for code in _codes(rxa, 17, MVX_TABLES) if MVX.fullmatch(code)), None),
    )


def _codes(rxa: Segment, field: int, tables: tuple[str, ...]) -> list[str]:
    """The codes of one of these tables, in whichever half of the CE, then those that name no table."""
    halves = [(repeat.text(at), repeat.text(at + 2)) for repeat in rxa.repeats(field) for at in (1, 4)]
    ours = [code for code, table in halves if table.upper() in tables]
    nameless = [code for code, table in halves if not table]
    return ours + nameless


def _place(rxa: Segment) -> str | None:
    """The facility's name, else where it stands. A number is no name to a reader."""
    facility = rxa.text(11, 4)
    if _has_letter(facility):
        return facility
    return _address(rxa) or None


def _address(rxa: Segment) -> str:
    """LA2.9 to LA2.13: street, more, city, state; some write it one further to the right."""
    return ", ".join(text for at in range(9, 14) if _has_letter(text := rxa.text(11, at)))


def _has_letter(text: str) -> bool:
    return any(character.isalpha() for character in text)
