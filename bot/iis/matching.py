"""Which of several records is the one that was asked for: exactly one person, or nobody. Pure."""

from collections.abc import Collection
from dataclasses import replace

from bot.iis.names import Edits, Likeness, likeness
from bot.records import Demographics, VaccineRecord

Likenesses = tuple[Likeness, Likeness]  # of the given names, of the family name


def best_match(who: Demographics, candidates: Collection[VaccineRecord]) -> VaccineRecord | None:
    """The one record with her contact, her birth date and a name like hers; None if none or several are.

    A record is hers only if it is clearly better than every other that might be meant, so that twins on one
    phone are never taken for each other.
    """
    meant = [(record, _likeness(who, record)) for record in candidates if _is_possible(who, record)]
    near = [(record, alike) for record, alike in meant if max(alike).edits < Edits.OTHER]
    for record, alike in near:
        rivals = (theirs for other, theirs in near if other is not record)
        if _is_good(alike) and all(_is_clearly_better(alike, theirs) for theirs in rivals):
            return record
    return None


def narrow(who: Demographics, candidates: Collection[VaccineRecord]) -> VaccineRecord | None:
    """The one candidate that is worth asking about again: as `best_match`, but contacts may be still unknown."""
    known = [record if record.contacts else replace(record, phones=frozenset({who.contact})) for record in candidates]
    best = best_match(who, known)
    return best and next(record for record in candidates if record.patient_id == best.patient_id)


def _is_possible(who: Demographics, record: VaccineRecord) -> bool:
    return who.contact in record.contacts and who.birth_date == record.birth_date


def _likeness(who: Demographics, record: VaccineRecord) -> Likenesses:
    return likeness(who.first_name, who.last_name, record.given, record.family)


def _is_good(alike: Likenesses) -> bool:
    return sum(name.edits for name in alike) <= Edits.SLIP  # one slip, not one in each name


def _is_clearly_better(ours: Likenesses, theirs: Likenesses) -> bool:
    """Nowhere worse, and with one name just as she typed it where the other's differs or lacks a word."""
    pairs = list(zip(ours, theirs, strict=True))
    no_worse = all(a.edits <= b.edits and a.more <= b.more for a, b in pairs)
    return no_worse and any(a.edits == Edits.NONE and a < b for a, b in pairs)
