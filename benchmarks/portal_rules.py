"""The rules of state portals, rebuilt from their description, to compare with."""

from collections.abc import Sequence
from datetime import date

from bot.records import Demographics, VaccineRecord


def strict(who: Demographics, candidates: Sequence[VaccineRecord]) -> VaccineRecord | None:
    """First and last name in capitals and trimmed, birth date, phone or email: all equal, and one patient."""
    found = [record for record in candidates if _contact(who, record) and _agree(who, record) == (True, True, True)]
    return found[0] if len(found) == 1 else None


RANKS = [(True, True, True), (True, True, False), (True, False, True), (False, True, True), (False, False, True)]


def relaxed(who: Demographics, candidates: Sequence[VaccineRecord]) -> VaccineRecord | None:
    """Same phone or email; then by what else agrees: first+last+DOB, first+last, first+DOB, last+DOB, DOB.

    A record only if exactly one patient has the best rank.
    """
    possible = [(record, _agree(who, record)) for record in candidates if _contact(who, record)]
    for rank in RANKS:
        found = [record for record, agree in possible if agree == rank]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _contact(who: Demographics, record: VaccineRecord) -> bool:
    return who.contact in record.contacts


def _agree(who: Demographics, record: VaccineRecord) -> tuple[bool, bool, bool]:
    """First name (the first alone or all given names), last name, birth date."""
    given = {_capitals(" ".join(record.given)), _capitals(record.given[0] if record.given else "")}
    born: date = record.birth_date
    return (
        _capitals(who.first_name) in given,
        _capitals(who.last_name) == _capitals(record.family),
        who.birth_date == born,
    )


def _capitals(name: str) -> str:
    return name.strip().upper()
