"""The work behind the reply: find the record, issue the card, seal the link, send. Safe to run twice."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import structlog

from bot.cards import qr
from bot.conversation.actions import LONGEST_WORK
from bot.conversation.events import Delay, Outcome
from bot.conversation.session import Answered, Session, Work
from bot.conversation.wording import fill
from bot.may_deliver import may_deliver
from bot.ports import DeliveryRefused, IISRejected, IISUnavailable, Message, Services
from bot.record_content import ShownGroup, shown_groups, shows_any, to_json
from bot.records import Demographics, VaccineRecord
from bot.turn import drop_work, keep_body, mark_sent, take_turn

log = structlog.get_logger()

SAVE_TIME = 10.0  # seconds in which the session that asked for the work is surely saved
PATIENCE = 60.0  # seconds after which whoever waits in the chat hears that it takes longer
LONGEST_PAUSE = 60.0  # seconds between two questions to a registry that is away


class Again(Exception):
    """Run this work again after `delay` seconds."""

    def __init__(self, delay: float) -> None:
        super().__init__(f"again in {delay} s")
        self.delay = delay


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work, with what was known when it began."""

    services: Services
    key: str
    work: Work
    phone: str

    @property
    def contact(self) -> str:
        return self.work.answers["contact"]

    @property
    def own(self) -> bool:
        """Whether the record's contact is to be the phone that texts."""
        return self.contact == self.phone


def run(services: Services, key: str, work_id: str, queued_at: float) -> None:
    """Do one piece of work. Raises Again, StoreUnavailable or DeliveryUnavailable: run it again later."""
    with services.locks.hold(work_id) as ours:
        if not ours:
            raise Again(2)
        session = services.sessions.load(key).session or Session(phone="")
        if work := session.pending(work_id):
            _send_record(Job(services, key, work, session.phone))
        elif answered := session.answer_to(work_id):
            _send_to_chat(services, key, session.phone, answered)  # answered, but perhaps never sent
        elif services.now() - queued_at < SAVE_TIME:
            raise Again(1)
        else:
            log.info("work_gone", work=work_id)  # taken back by RESTART or STOP, or its session has ended


def give_up(services: Services, key: str, work_id: str) -> None:
    """Our own work is broken: the resident hears the flow's `fault`. Raises StoreUnavailable or DeliveryUnavailable."""
    session = services.sessions.load(key).session or Session(phone="")
    if work := session.pending(work_id):
        _tell(Job(services, key, work, session.phone), Outcome(work_id, "fault"))
        drop_work(services, key, work_id)
    elif answered := session.answer_to(work_id):
        _send_to_chat(services, key, session.phone, answered)


def _send_record(job: Job) -> None:
    if not job.work.elsewhere and not job.services.lookups.allow(job.phone, job.work.id):
        return _tell(job, Outcome(job.work.id, "over_limit"))
    if not job.own:
        return _send_elsewhere(job)
    try:
        record = _find(job)
    except IISUnavailable:
        return _tell(job, Outcome(job.work.id, "down"))
    except IISRejected:
        return _tell(job, Outcome(job.work.id, "fault"))
    if record is None or not may_deliver(record, asked=job.contact, sender=job.phone, to=job.phone):
        return _tell(job, Outcome(job.work.id, "no_match"))
    picture = may_deliver(record, asked=job.contact, sender=job.phone, to=job.phone, picture=True)
    if job.work.answers.get("format") == "picture" and picture:
        with_card = (group for group in _groups(job, record) if group.jws)
        if group := next(with_card, None):  # a link brings all of them, and also what is on no card
            return _send_picture(job, group)
    return _tell(job, Outcome(job.work.id, "sent", {"link": _seal(job, record)}))


def _groups(job: Job, record: VaccineRecord) -> Iterator[ShownGroup]:
    services = job.services
    today = datetime.fromtimestamp(services.now(), UTC).date()
    return shown_groups(record, services.flow.vaccines, services.cards, today=today)


def _send_picture(job: Job, group: ShownGroup) -> None:
    token = job.services.media.prepare(qr.png(group.jws), "png")
    media_url = f"{job.services.public_url}/m/{token}.png"
    vaccine = job.services.flow.words_in(job.work.language).vaccine(group.name)
    _tell(job, Outcome(job.work.id, "sent_picture", {"vaccine": vaccine}, media_url=media_url))


def _send_elsewhere(job: Job) -> None:
    """The chat is answered before anything is looked up: its words and its time tell nothing of the record."""
    _tell(job, Outcome(job.work.id, "sent_elsewhere", elsewhere=True))
    body = job.work.body or _mint_elsewhere(job)
    if body:
        _send_link(job, body)
    drop_work(job.services, job.key, job.work.id)


def _mint_elsewhere(job: Job) -> str:
    """The message with the link, kept with the work until it is sent; "" if nothing may be sent."""
    try:
        record = _find(job)
    except (IISUnavailable, IISRejected):
        log.error("work_dropped", work=job.work.id)
        return ""
    if record is None or not may_deliver(record, asked=job.contact, sender=job.phone, to=job.contact):
        return ""
    words = job.services.flow.words_in(job.work.language)
    body = fill(words.say["send_record.link"], {**job.services.flow.values, "link": _seal(job, record)})
    keep_body(job.services, job.key, job.work.id, body)
    return body


def _send_link(job: Job, body: str) -> None:
    words = job.services.flow.words_in(job.work.language)
    message = Message(
        to=job.contact,
        body=body,
        subject=fill(words.say["send_record.subject"], job.services.flow.values),
        language=job.work.language,
        delivery_id=_delivery_id(job.work.id, "elsewhere"),
    )
    _deliver(job.services, message)


def _find(job: Job) -> VaccineRecord | None:
    """The record, if it has something to show. Raises Again for an hour, then IISUnavailable, or IISRejected."""
    answers = job.work.answers
    who = Demographics(
        first_name=" ".join(filter(None, (answers["first_name"], answers.get("middle_name")))),
        last_name=answers["last_name"],
        birth_date=date.fromisoformat(answers["birth_date"]),
        contact=job.contact,
    )
    try:
        record = job.services.iis.find(who)
    except IISUnavailable as error:
        _wait_for_registry(job, error)
        raise
    except IISRejected as error:
        log.error("iis_rejected", work=job.work.id, reason=str(error))
        raise
    log.info("lookup", work=job.work.id, found=record is not None)
    return record if record and shows_any(record, job.services.flow.vaccines) else None


def _wait_for_registry(job: Job, error: IISUnavailable) -> None:
    """Raise Again for an hour. Whoever waits in the chat hears so once; a sender for another contact never."""
    age = job.services.now() - job.work.asked_at
    log.warning("iis_unavailable", work=job.work.id, seconds=round(age), reason=str(error))
    if age >= LONGEST_WORK:
        return
    asked_for = error.retry_after or 0  # seconds in which the registry wants peace
    if job.own and age + asked_for >= PATIENCE:
        _tell(job, Delay(job.work.id))
    pause = min(2 + age / 2, LONGEST_PAUSE) * random.uniform(0.75, 1.25)  # noqa: S311 - so that not all come at once
    raise Again(min(asked_for + pause, LONGEST_WORK - age)) from None


def _seal(job: Job, record: VaccineRecord) -> str:
    """Mint the link: all that its page will show is sealed under its token and the PIN."""
    declaration = job.work.answers.get("declaration.witness", "")
    content = to_json(record, _groups(job, record), language=job.work.language, declaration=declaration)
    token = job.services.links.seal(content, job.work.answers["pin"], language=job.work.language)
    log.info("link_sealed", work=job.work.id, declared=declaration)
    return f"{job.services.public_url}/r/{token}"


def _tell(job: Job, event: Outcome | Delay) -> None:
    """Answer the chat, once: the answer is saved under the event's id before it is sent."""
    answered = take_turn(job.services, job.key, event)
    if answered.text:  # neither sent before nor taken back
        log.info("outcome", work=job.work.id, name=event.name)
    _send_to_chat(job.services, job.key, job.phone, answered)


def _send_to_chat(services: Services, key: str, phone: str, answered: Answered) -> None:
    """Send an answer unless that is done. A crash in between sends it twice rather than never."""
    if not answered.text:
        return
    message = Message(
        to=phone,
        body=answered.text,
        media_url=answered.media_url or None,
        delivery_id=_delivery_id(answered.id, "chat"),
    )
    _deliver(services, message)
    if answered.media_url:
        services.media.hand_over(*_named(answered.media_url))
    mark_sent(services, key, answered.id)


def _named(media_url: str) -> tuple[str, str]:
    """Token and suffix of an address of ours."""
    token, _, suffix = media_url.rpartition("/")[2].partition(".")
    return token, suffix


def _deliver(services: Services, message: Message) -> None:
    """Raises DeliveryUnavailable. What can never arrive is logged: trying again would not help."""
    try:
        provider_id = services.delivery.send(message)
        log.info("sent", delivery=message.delivery_id, provider_id=provider_id)
    except DeliveryRefused as refused:
        log.warning("delivery_refused", delivery=message.delivery_id, code=refused.code)


def _delivery_id(work_id: str, channel: str) -> str:
    return hashlib.sha256(f"{work_id}:{channel}".encode()).hexdigest()[:24]
