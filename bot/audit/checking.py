"""Whether the audit trail is as it was written: every row there, none changed, each by the key that was in use."""

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
    by = ""  # the key that chained the row before
    for row in trail.rows():
        if first is None:
            first = row
        elif not wrong and (row.seq != last + 1 or not _fits(trail.keys, chain, row)):
            wrong = _where(trail.keys, last, row)
        if not str(row.chain).startswith(known.get(row.seq, "")) and not wrong:
            wrong = f"row {row.seq} is another than it was"
        wrong = wrong or _late(trail.keys, by, row)
        if row.event == "purged" and not wrong:
            begins = orjson.loads(row.facts)
        count, last, chain, by = count + 1, int(row.seq), str(row.chain), str(row.chained_by)
    if first is not None and not wrong and not _begins(trail.keys, begins, first):
        wrong = f"row {first.seq} is changed, or rows before it are gone"
    if (gone := max(known, default=0)) > last and not wrong:
        wrong = f"rows are gone: there were {gone}"
    return Checked(count, last, chain, wrong)


def _begins(keys: Sequence[AuditKey], begins: Mapping[str, str], first: Row[Any]) -> bool:
    return bool(first.seq == int(begins["until"]) + 1) and _fits(keys, begins["chain"], first)


def _fits(keys: Sequence[AuditKey], before: str, row: Row[Any]) -> bool:
    """Rows of before revision 0002 name no key: any of ours may have chained them."""
    named = str(row.chained_by)
    texts = canonical(row.seq, [str(getattr(row, name)) for name in TEXTS], named)
    return any(key.link(before, texts) == row.chain for key in keys if named in ("", key.id))


def _late(keys: Sequence[AuditKey], before: str, row: Row[Any]) -> str:
    """What is wrong with a row of a key that another had taken over from: whoever got an old key can make such rows.

    Newer keys stand before older ones in the ring, and once one has chained a row, no older one does.
    """
    by, order = str(row.chained_by), [key.id for key in keys]
    if not before or by == before:
        return ""
    if not by:
        return f"row {row.seq} does not say which key chained it, and rows before it do: it was put in"
    if by in order and before in order and order.index(by) < order.index(before):
        return ""
    return (
        f"row {row.seq} is chained by the key {by}, after {before} had taken over: somebody put it in who has {by}, "
        "or AUDIT_KEYS is older here than where the workers run"
    )


def _where(keys: Sequence[AuditKey], last: int, row: Row[Any]) -> str:
    if row.seq != last + 1:
        return f"rows {last + 1} to {row.seq - 1} are gone"
    if row.chained_by and row.chained_by not in {key.id for key in keys}:
        return f"row {row.seq} is chained by the key {row.chained_by}, which AUDIT_KEYS does not have here"
    return f"row {row.seq} is changed"
