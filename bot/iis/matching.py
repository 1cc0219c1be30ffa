"""Which of several records is the one that was asked for: exactly one person, or nobody. Pure."""

from collections.abc import Collection
from dataclasses import replace

from bot.iis.names.likeness import Likenesses, likeness
from bot.iis.names.word import Unlikeness
from bot.records import Demographics, VaccineRecord


def best_match(who: Demographics, candidates: Collection[VaccineRecord]) -> VaccineRecord | None:
    """The one record with her contact, her birth date and a name like hers; None if none or several are, or she died.

    A record is hers only if one of its names is clearly better than every name of every other that might be meant,
    so that twins on one phone are never taken for each other. `docs/matching.md` says what counts.
    """
    meant = [(record, alike) for record in candidates if _is_possible(who, record) for alike in _alike(who, record)]
    near = [(record, alike) for record, alike in meant if max(alike).unlike < Unlikeness.OTHER]
    for record, alike in near:
        rivals = (theirs for other, theirs in near if other is not record)
        if _is_good(alike) and all(_is_clearly_better(alike, theirs) for theirs in rivals):
            return None if record.died else record  # only now: a twin who died still makes a name doubtful
    return None


def narrow(who: Demographics, candidates: Collection[VaccineRecord]) -> VaccineRecord | None:
    """The one candidate that is worth asking about again: as `best_match`, but contacts may be still unknown."""
    known = [record if record.contacts else replace(record, phones=frozenset({who.contact})) for record in candidates]
    best = best_match(who, known)
    return next((record for record, filled in zip(candidates, known, strict=True) if filled is best), None)


def _is_possible(who: Demographics, record: VaccineRecord) -> bool:
    return who.birth_date == record.birth_date and _folded(who.contact) in map(_folded, record.contacts)


def _folded(contact: str) -> str:
    return contact.strip().casefold()


def _alike(who: Demographics, record: VaccineRecord) -> list[Likenesses]:
    """How like each of the record's names is."""
    return [likeness(who.first_name, who.last_name, name.given, name.family, name.suffix) for name in record.names]


def _is_good(alike: Likenesses) -> bool:
    """One slip or one short name, and the other name just so; or both names in another spelling."""
    least, most = sorted(name.unlike for name in alike)
    return most <= Unlikeness.SPELLING or (most <= Unlikeness.SLIP and least == Unlikeness.NONE)


def _is_clearly_better(ours: Likenesses, theirs: Likenesses) -> bool:
    """Nowhere worse, and with one name just as she typed it where the other's differs or lacks a word."""
    pairs = list(zip(ours, theirs, strict=True))
    no_worse = all(a.unlike <= b.unlike and a.more <= b.more for a, b in pairs)
    return no_worse and any(
        a.unlike == Unlikeness.NONE and (b.unlike > Unlikeness.SHORT or b.more > a.more) for a, b in pairs
    )
