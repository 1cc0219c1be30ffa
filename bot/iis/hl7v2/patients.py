"""PID: who a person is, and how to reach her. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.iis.cleaning import LONGEST_ID, email, phone
from bot.iis.hl7v2.errors import SegmentError
from bot.iis.hl7v2.lexing import Repeat, Segment
from bot.iis.hl7v2.timestamps import day
from bot.records import VaccineRecord

OWN_ID, LOCAL_IDS = "SR", ("PI", "MR")  # HL7 table 0203: the state registry's, and those of its providers
SOCIAL_SECURITY = "SS"
LEGAL_NAME = "L"  # HL7 table 0200
NO_PHONES = ("FX", "MD", "BP")  # HL7 table 0202: fax, modem, beeper
NOT_HERS = ("ASN", "BPN", "EMR")  # HL7 table 0201: answering service, beeper, whom to call in an emergency


@dataclass(frozen=True, slots=True)
class Identifier:
    """PID-3 (CX): a number, and whose it is."""

    number: str
    authority: tuple[str, str, str]  # name, universal id, its type
    kind: str  # HL7 table 0203

    def __repr__(self) -> str:
        return "Identifier(...)"

    @property
    def patient_id(self) -> str:
        """The registry's own number as it is; a provider's with the provider, for another has the same numbers."""
        owner = "" if self.kind == OWN_ID else self.authority[0] or self.authority[1]
        return f"{owner}:{self.number}" if owner else self.number


def identifiers(pid: Segment) -> Sequence[Identifier]:
    """At least one, the registry's own number first if there is one. Raises SegmentError."""
    found = [_identifier(repeat) for repeat in pid.repeats(3)]
    usable = [known for known in found if known.number and known.kind != SOCIAL_SECURITY]
    ranked = sorted(usable, key=lambda known: _rank(known.kind))
    if not ranked:
        raise SegmentError("without an identifier (PID-3)")
    if len(ranked[0].patient_id) > LONGEST_ID:
        raise SegmentError(f"with an identifier (PID-3) of more than {LONGEST_ID} characters")
    return ranked


def patient(pid: Segment) -> VaccineRecord:
    """The person, without doses. Raises SegmentError."""
    patient_id = identifiers(pid)[0].patient_id
    name = _legal_name(pid)
    if not name:
        raise SegmentError("without a name (PID-5)")
    birth_date = day(pid.text(7))
    if not birth_date:
        raise SegmentError("without a full birth date (PID-7)")
    contacts = [repeat for field in (13, 14) for repeat in pid.repeats(field) if repeat.text(2).upper() not in NOT_HERS]
    return VaccineRecord(
        patient_id=patient_id,
        family=_family(name),
        given=tuple(filter(None, (name.text(2), *name.text(3).split()))),
        birth_date=birth_date,
        suffix=name.text(4) or None,
        phones=frozenset(found for repeat in contacts for found in _phones(repeat)),
        emails=frozenset(found for repeat in contacts for found in _emails(repeat)),
    )


def _identifier(repeat: Repeat) -> Identifier:
    authority = (repeat.text(4, 1), repeat.text(4, 2), repeat.text(4, 3))
    return Identifier(repeat.text(1), authority, repeat.text(5).upper())


def _rank(kind: str) -> int:
    order = (OWN_ID, *LOCAL_IDS)
    return order.index(kind) if kind in order else len(order)


def _legal_name(pid: Segment) -> Repeat | None:
    named = [repeat for repeat in pid.repeats(5) if _family(repeat) or repeat.text(2)]
    legal = (repeat for repeat in named if repeat.text(7) == LEGAL_NAME)
    return next(legal, named[0] if named else None)


def _family(name: Repeat) -> str:
    """FN: the surname whole, or its prefix and itself."""
    return name.text(1) or " ".join(filter(None, (name.text(1, 2), name.text(1, 3))))


def _phones(point: Repeat) -> Iterator[str]:
    """XTN: country, area and number apart, or all in one."""
    if point.text(3).upper() in NO_PHONES or "@" in point.text(1):
        return
    country, number = re.sub(r"\D", "", point.text(5)), point.text(6) + point.text(7)
    apart = f"+{country}{number}" if country and number else number
    for spelled in (apart, point.text(1), point.text(12)):
        if found := phone(spelled):
            yield found


def _emails(point: Repeat) -> Iterator[str]:
    yield from filter(None, (email(point.text(4)), email(point.text(1))))
