"""Whether the audit trail is as it was written: every row there, none changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row

from bot.audit.key import AuditKey
from bot.audit.trail import TEXTS, SqlTrail, canonical


@dataclass(frozen=True, slots=True)
class Checked:
    """`wrong`: what does not fit, in words; "" if all does."""

    rows: int
    last: int  # the number of the last row
    chain: str  # of that row
    wrong: str = ""


def check(trail: SqlTrail, known: Mapping[int, str]) -> Checked:
    """Follow the chain from the first row that is there. `known`: how chains began that were seen before, by row.

    Raises TrailUnavailable.
    """
    count, last, chain, wrong = 0, 0, "", ""
    first: Row[Any] | None = None
    begins = {"until": "0", "chain": ""}  # the newest purge says where the chain begins now
    for row in trail.rows():
        if first is None:
            first = row
        elif not wrong and (row.seq != last + 1 or not _fits(trail.keys, chain, row)):
            wrong = _where(last, row.seq)
        if not str(row.chain).startswith(known.get(row.seq, "")) and not wrong:
            wrong = f"row {row.seq} is another than it was"
        if row.event == "purged":
            begins = orjson.loads(row.facts)
        count, last, chain = count + 1, int(row.seq), str(row.chain)
    if first is not None and not wrong and not _begins(trail.keys, begins, first):
        wrong = f"row {first.seq} is changed, or rows before it are gone"
    if (gone := max(known, default=0)) > last and not wrong:
        wrong = f"rows are gone: there were {gone}"
    return Checked(count, last, chain, wrong)


def _begins(keys: Sequence[AuditKey], begins: Mapping[str, str], first: Row[Any]) -> bool:
    return bool(first.seq == int(begins["until"]) + 1) and _fits(keys, begins["chain"], first)


def _fits(keys: Sequence[AuditKey], before: str, row: Row[Any]) -> bool:
    texts = canonical(row.seq, [str(getattr(row, name)) for name in TEXTS])
    return any(key.link(before, texts) == row.chain for key in keys)


def _where(last: int, found: int) -> str:
    return f"row {found} is changed" if found == last + 1 else f"rows {last + 1} to {found - 1} are gone"
