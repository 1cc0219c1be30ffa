"""What each decisive moment is to the audit trail. Pure: it takes contacts and gives pseudonyms."""

import secrets
from collections.abc import Iterator

from bot.audit.entry import Entry, moment
from bot.audit.key import AuditKey
from bot.conversation.session import Session, Work
from bot.outbox.delivery import Delivery

STEPS = ("accepted", "delivered", "failed", "expired")  # of a message that brings a record


def of_turn(key: AuditKey, before: Session, after: Session, now: float) -> Iterator[Entry]:
    """The requests that this turn makes, and those that end by it without an outcome."""
    known, left = {work.id for work in before.work}, {work.id for work in after.work}
    for work in after.work:
        if work.id not in known:
            yield _requested(key, after.phone, work, now)
    for work in before.work:
        if work.id not in left:
            yield _entry(key, "withdrawn", work.id, now)


def refused(key: AuditKey, phone: str, work: Work, now: float) -> tuple[Entry, Entry]:
    """A request that ended with the very turn that made it, by a limit: no session ever held its work."""
    return _requested(key, phone, work, now), came_out(key, work, "over_limit", now)


def came_out(key: AuditKey, work: Work, outcome: str, now: float, reference: str = "") -> Entry:
    """How the work came out in truth, whatever its chat was told."""
    return _entry(key, "outcome", work.id, now, reference=key.pseudonym("reference", reference), outcome=outcome)


def of_delivery(key: AuditKey, before: Delivery, after: Delivery, now: float) -> Iterator[Entry]:
    """How far a message has come that brings a record."""
    if not before.carries or before.state == after.state or after.state not in STEPS:
        return
    to = before.message.to
    yield _entry(
        key,
        after.state,
        before.work_id,
        now,
        name=f"{before.id}:{after.attempts}",
        contact=key.pseudonym("contact", to),
        contact_is=kind_of(to, own=bool(before.chat)),
        **({"code": after.code} if after.code else {}),
    )


def opened(key: AuditKey, request: str, now: float) -> Entry:
    """The right PIN opened the page, for the first time or again."""
    return Entry(secrets.token_hex(16), moment(now), "opened", key.id, request=request)


def burnt(key: AuditKey, request: str, now: float) -> Entry:
    """The last wrong PIN ended the link."""
    return Entry(secrets.token_hex(16), moment(now), "burnt", key.id, request=request)


def revoked(key: AuditKey, reference: str, now: float, *, for_good: bool) -> Entry:
    facts = {"for_good": "yes"} if for_good else {}
    pseudonym = key.pseudonym("reference", reference)
    return Entry(secrets.token_hex(16), moment(now), "revoked", key.id, reference=pseudonym, facts=facts)


def kind_of(contact: str, *, own: bool) -> str:
    return "own_phone" if own else "email" if "@" in contact else "phone"


def _requested(key: AuditKey, phone: str, work: Work, now: float) -> Entry:
    contact = work.answers.get("contact", phone)
    return _entry(
        key,
        "requested",
        work.id,
        now,
        sender=key.pseudonym("contact", phone),
        contact=key.pseudonym("contact", contact),
        contact_is=kind_of(contact, own=contact == phone),
        language=work.language,
        **_declared(work.answers.get("declaration.witness", "")),
    )


def _declared(witness: str) -> dict[str, str]:
    """Which words she declared, in which language, and when: as bot/conversation/answering.py keeps it."""
    language, _, rest = witness.partition(":")
    words, _, at = rest.partition(":")
    if not at.isdecimal():
        return {}
    return {"declared_words": words, "declared_in": language, "declared_at": moment(int(at))}


def _entry(
    key: AuditKey,
    event: str,
    work_id: str,
    now: float,
    *,
    name: str = "",
    sender: str = "",
    contact: str = "",
    reference: str = "",
    **facts: str,
) -> Entry:
    return Entry(
        id=key.pseudonym("event", f"{event}:{work_id}:{name}"),
        at=moment(now),
        event=event,
        key_id=key.id,
        request=key.pseudonym("request", work_id),
        sender=sender,
        contact=contact,
        reference=reference,
        facts=facts,
    )
