"""PID: who a person is, and how to reach her."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.iis.cleaning import LONGEST_ID, email, phone
from bot.iis.hl7v2.errors import SegmentError
from bot.iis.hl7v2.lexing import Repeat, Segment
from bot.iis.hl7v2.timestamps import day
from bot.iis.names_on_record import names_besides
from bot.iis.validity import is_over
from bot.records import PersonName, VaccineRecord

OWN_ID, LOCAL_IDS = "SR", ("PI", "MR")  # HL7 table 0203: the state registry's, and those of its providers
SOCIAL_SECURITY = "SS"
LEGAL_NAMES, OTHER_NAMES = ("L",), ("A", "B", "M", "N")  # HL7 table 0200: alias, at birth, maiden, nickname
NO_NAMES = ("BAD", "K", "MSK", "NB", "P", "S", "TEMP")  # of a business, a newborn, her partner, a code for her
NAME_RANKS = (LEGAL_NAMES, (), OTHER_NAMES, NO_NAMES)
UNTYPED = 1
ALIVE = ("", "N", "U", "UNK")  # PID-30
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


def registry_identifier(pid: Segment) -> Identifier:
    """The registry's own number. Raises SegmentError: providers' numbers would make several people of one."""
    own = identifiers(pid)[0]
    if own.kind != OWN_ID:
        raise SegmentError("without the registry's own number (PID-3, type SR)")
    return own


def patient(pid: Segment) -> VaccineRecord:
    """The person, without doses. Raises SegmentError."""
    patient_id = identifiers(pid)[0].patient_id
    known = _names(pid)
    if not known:
        raise SegmentError("without a name (PID-5)")
    official = known[0]
    birth_date = day(pid.text(7))
    if not birth_date:
        raise SegmentError("without a full birth date (PID-7)")
    contacts = [repeat for field in (13, 14) for repeat in pid.repeats(field) if _reaches_her(repeat)]
    return VaccineRecord(
        patient_id=patient_id,
        family=official.family,
        given=official.given,
        birth_date=birth_date,
        suffix=official.suffix,
        phones=frozenset(found for repeat in contacts for found in _phones(repeat)),
        emails=frozenset(found for repeat in contacts for found in _emails(repeat)),
        other_names=names_besides(official, known[1:]),
        died=_has_died(pid),
    )


def _identifier(repeat: Repeat) -> Identifier:
    authority = (repeat.text(4, 1), repeat.text(4, 2), repeat.text(4, 3))
    return Identifier(repeat.text(1), authority, repeat.text(5).upper())


def _rank(kind: str) -> int:
    order = (OWN_ID, *LOCAL_IDS)
    return order.index(kind) if kind in order else len(order)


def _has_died(pid: Segment) -> bool:
    """PID-29, when, and PID-30, whether; zeros only fill a field."""
    return bool(pid.text(29).strip("0")) or pid.text(30).upper() not in ALIVE


def _names(pid: Segment) -> list[PersonName]:
    """The one to show first; empty if there is none."""
    named = [repeat for repeat in pid.repeats(5) if _family(repeat) or repeat.text(2)]
    ranked = sorted(named, key=_name_rank)
    return [_name(name) for name in (*ranked[:1], *(name for name in ranked[1:] if _kind(name) not in NO_NAMES))]


def _name_rank(name: Repeat) -> int:
    """XPN-10, -13: until when it is hers; which of the two depends on the version."""
    if is_over(name.text(13) or name.text(10, 2)):
        return len(NAME_RANKS) + 1
    return next((rank for rank, kinds in enumerate(NAME_RANKS) if _kind(name) in kinds), UNTYPED)


def _kind(name: Repeat) -> str:
    return name.text(7).upper()


def _name(name: Repeat) -> PersonName:
    given = tuple(filter(None, (name.text(2), *name.text(3).split())))
    return PersonName(_family(name), given, name.text(4) or None)


def _family(name: Repeat) -> str:
    """FN: the surname whole, or its prefix and itself."""
    return name.text(1) or " ".join(filter(None, (name.text(1, 2), name.text(1, 3))))


def _reaches_her(point: Repeat) -> bool:
    """XTN-14: until when; XTN-15: why no longer. Both came with v2.7."""
    is_old = is_over(point.text(14)) or bool(point.text(15) and not point.text(14))
    return point.text(2).upper() not in NOT_HERS and not is_old


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
