"""The audit trail in its database: each row is chained to the one before, so that a change or a gap shows."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select

from bot.audit.entry import Entry, moment
from bot.audit.key import AuditKey
from bot.audit.opening import adding, looking
from bot.audit.schema import upgrade_trail
from bot.audit.tables import audit
from bot.ports import TrailUnavailable

YEARS = 6  # 45 CFR 164.316(b)(2)(i)
PAGE = 1000
TEXTS = ("id", "at", "event", "request", "sender", "contact", "reference", "facts", "key_id")


class Last(NamedTuple):
    """The row that the next one is chained to; as before the first one, if there is none."""

    seq: int = 0
    chain: str = ""
    chained_by: str = ""


class SqlTrail:
    """Only adds rows, and removes those that are older than six years."""

    def __init__(self, url: str, keys: Sequence[AuditKey], *, makes_tables: bool = False) -> None:
        """The first key chains what is written, all find what was written. `makes_tables`: at the first use."""
        self.url = url
        self.keys = keys
        self._to_make = makes_tables

    def write(self, entries: Sequence[Entry]) -> int:
        """Twice is once: an entry that is there already is passed over."""
        self._make()
        with adding(self.url) as connection:
            ids = [entry.id for entry in entries]
            known = set(connection.scalars(select(audit.c.id).where(audit.c.id.in_(ids))))
            new = list({entry.id: entry for entry in entries if entry.id not in known}.values())
            last = _last(connection)
            _add(connection, new, self._chains(connection, last), last)
            return len(new)

    def purge(self, now: float) -> int:
        """What was removed is named by a row of its own, so that the chain still has its beginning."""
        self._make()
        edge = moment(_years_before(now))
        with adding(self.url) as connection:
            last = _last(connection)
            first_kept = connection.scalar(select(func.min(audit.c.seq)).where(audit.c.at >= edge)) or last.seq + 1
            old = connection.execute(select(audit).where(audit.c.seq == first_kept - 1)).first()
            if old is None:
                return 0
            facts = {"until": str(old.seq), "chain": str(old.chain)}
            key = self._chains(connection, last)
            _add(connection, [Entry(f"purged:{old.seq}", moment(now), "purged", key.id, facts=facts)], key, last)
            return int(connection.execute(delete(audit).where(audit.c.seq <= old.seq)).rowcount)

    def about_reference(self, reference: str) -> list[Row[Any]]:
        """All rows of the requests that led to this card, in their order."""
        return self._requests(audit.c.reference.in_(self._pseudonyms("reference", reference)))

    def about_contact(self, contact: str) -> list[Row[Any]]:
        """All rows of the requests for this contact, or from it."""
        names = self._pseudonyms("contact", contact)
        return self._requests(audit.c.contact.in_(names) | audit.c.sender.in_(names))

    def rows(self) -> Iterator[Row[Any]]:
        """All of them, in their order."""
        last = 0
        with looking(self.url) as connection:
            while page := connection.execute(_after(last)).all():
                yield from page
                last = page[-1].seq

    def _requests(self, fits: ColumnElement[bool]) -> list[Row[Any]]:
        """Also the rows that belong to no request, such as a revocation."""
        requests = select(audit.c.request).where(fits, audit.c.request != "")
        wanted = select(audit).where(fits | audit.c.request.in_(requests)).order_by(audit.c.seq)
        with looking(self.url) as connection:
            return list(connection.execute(wanted))

    def _pseudonyms(self, kind: str, value: str) -> list[str]:
        return [key.pseudonym(kind, value) for key in self.keys]

    def _chains(self, connection: Connection, last: Last) -> AuditKey:
        """The first key; but none that another has taken over from, which a process with older settings still has."""
        first, other = self.keys[0], last.chained_by
        if other in ("", first.id):
            return first
        ours, theirs = _first_seen(connection, first.id), _first_seen(connection, other)
        if ours and ours < theirs:
            raise TrailUnavailable(
                f"its last row is chained by the key {other}, after which {first.id} chains no more: set AUDIT_KEYS "
                "here as it is elsewhere; if it is so nowhere, somebody else wrote that row: see 'vaxtext audit check'"
            )
        return first

    def _make(self) -> None:
        if self._to_make:
            upgrade_trail(self.url)
            self._to_make = False


def canonical(seq: int, texts: Sequence[str], chained_by: str) -> bytes:
    """What is chained of a row: all but the chain itself. Rows of before revision 0002 do not say by whom."""
    return orjson.dumps([seq, *texts, chained_by] if chained_by else [seq, *texts])


def _after(seq: int) -> Select[Any]:
    return select(audit).where(audit.c.seq > seq).order_by(audit.c.seq).limit(PAGE)


def _first_seen(connection: Connection, key_id: str) -> int:
    """The first row that knows this key; 0 where none does."""
    knows = (audit.c.chained_by == key_id) | (audit.c.key_id == key_id)
    return connection.scalar(select(func.min(audit.c.seq)).where(knows)) or 0


def _last(connection: Connection) -> Last:
    found = connection.execute(
        select(audit.c.seq, audit.c.chain, audit.c.chained_by).order_by(audit.c.seq.desc()).limit(1)
    ).first()
    return Last(*found) if found else Last()


def _add(connection: Connection, entries: Sequence[Entry], key: AuditKey, last: Last) -> None:
    chain, rows = last.chain, []
    for seq, entry in enumerate(entries, last.seq + 1):
        values = _texts(entry)
        chain = key.link(chain, canonical(seq, [values[name] for name in TEXTS], key.id))
        rows.append({"seq": seq, **values, "chain": chain, "chained_by": key.id})
    if rows:
        connection.execute(insert(audit), rows)


def _texts(entry: Entry) -> dict[str, str]:
    facts = orjson.dumps(dict(entry.facts), option=orjson.OPT_SORT_KEYS).decode()
    return {name: facts if name == "facts" else str(getattr(entry, name)) for name in TEXTS}


def _years_before(now: float) -> float:
    """And a day more: the database says by its own clock what may be removed."""
    then = datetime.fromtimestamp(now, UTC) - timedelta(days=1)
    day = 28 if (then.month, then.day) == (2, 29) else then.day
    return then.replace(year=then.year - YEARS, day=day).timestamp()
