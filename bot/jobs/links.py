"""Links: what a record's page shows, sealed, and the message that brings it to a contact outside of the chat."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from bot.cards.issued import issued
from bot.conversation.wording import fill
from bot.fault_points import reach
from bot.jobs.job import Job
from bot.limiting import note
from bot.may_deliver import may_deliver
from bot.outbox.delivery import LIFE, Delivery, Message
from bot.record_content import ShownGroup, shown_groups, to_json
from bot.records import VaccineRecord

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was made."""

    token: str
    url: str
    ends_at: float  # not before any message that brings it
    reference: str  # of the cards in it; "" where it holds none

    def __repr__(self) -> str:
        return "Link(...)"


def seal(job: Job, record: VaccineRecord) -> Link:
    """Mint the link: all that its page will show is sealed under its token and the PIN."""
    ends_at = job.services.now() + LIFE
    declaration = job.work.answers.get("declaration.witness", "")
    shown = list(groups(job, record))
    content = to_json(record, shown, language=job.work.language, declaration=declaration)
    request = job.services.audit.key.pseudonym("request", job.work.id)
    pin, language = job.work.answers["pin"], job.work.language
    token = job.services.links.seal(content, pin, language=language, record=record.patient_id, request=request)
    reach("work_put_before_save")
    log.info("link_sealed", work=job.work.id, declared=declaration)
    return Link(token, url_of(job, token), ends_at, reference_of(shown))


def url_of(job: Job, token: str) -> str:
    return f"{job.services.public_url}/r/{token}"


def rests(job: Job, record: VaccineRecord) -> bool:
    """Whether no link is to be made of this record now, after too many wrong PINs; the limit's count says so."""
    if resting := job.services.links.rests(record.patient_id):
        note(job.services, "wrong_pins_in_a_row")
    return resting


def reference_of(shown: Sequence[ShownGroup]) -> str:
    """The reference number, which is the same on all cards of one person."""
    return next((issued(group.jws).reference for group in shown if group.jws), "")


def groups(job: Job, record: VaccineRecord) -> Iterator[ShownGroup]:
    services = job.services
    today = datetime.fromtimestamp(services.now(), UTC).date()
    return shown_groups(record, services.flow.vaccines, services.cards, today=today)


def with_link(job: Job, record: VaccineRecord, link: Link, plain: Delivery) -> Delivery:
    """A message that brings a link: it ends with it, and where a phone gets no texts an email may go instead."""
    return replace(plain, link=link.token, expires_at=link.ends_at, instead=_instead(job, record, link))


def _instead(job: Job, record: VaccineRecord, link: Link) -> Message | None:
    email = next(iter(record.emails), "")
    allowed = may_deliver(record, asked=job.contact, sender=job.phone, to=email, instead=True)
    return letter(job, link.url, email) if allowed else None


def letter(job: Job, url: str, to: str) -> Message:
    """The same words by text and by email, for whoever did not have the conversation."""
    words, values = job.services.flow.words_in(job.work.language), job.services.flow.values
    return Message(
        to=to,
        body=fill(words.say["send_record.link"], {**values, "link": url}),
        subject=fill(words.say["send_record.subject"], values),
        language=job.work.language,
    )
