"""The record's contact is another phone or an email: a link goes there, and the chat learns nothing of it."""

from dataclasses import dataclass

import structlog

from bot.audit.noting import came_out
from bot.conversation.session import Session
from bot.jobs.finding import find, outcome_of
from bot.jobs.job import Job
from bot.jobs.links import letter, rests, seal, url_of, with_link
from bot.limiting import admit_link
from bot.may_deliver import may_deliver
from bot.outbox.course import book
from bot.outbox.delivery import Delivery, Route, new_delivery
from bot.ports import IISRejected, IISUnavailable
from bot.turn import Decided, drop_work, update

log = structlog.get_logger()

AS_LONG_AS_A_TOKEN = "a" * 26


@dataclass(frozen=True, slots=True)
class Made:
    """How the work came out, and the message with the link; none if nothing may be sent."""

    outcome: str
    delivery: Delivery | None = None
    reference: str = ""


def send_elsewhere(job: Job) -> None:
    """The chat had its answer with the turn that asked for this."""
    end_elsewhere(job, _made(job))


def end_elsewhere(job: Job, made: Made) -> None:
    """The chat hears nothing of it; the audit trail has it as it was."""
    key = job.services.audit.key

    def finish(session: Session) -> Decided[None]:
        if not session.pending(job.work.id):  # taken back by STOP
            return Decided(session, None)
        entry = came_out(key, job.work, made.outcome, job.services.now(), made.reference)
        post = (made.delivery,) if made.delivery else ()
        return Decided(drop_work(session, job.work.id), None, post=post, audited=(entry,))

    update(job.services, job.key, finish)


def _made(job: Job) -> Made:
    try:
        record = find(job)
    except (IISUnavailable, IISRejected) as error:
        log.error("work_dropped", work=job.work.id)
        return Made(outcome_of(error))
    route = _take_time(job)
    if record is None or not may_deliver(record, asked=job.contact, sender=job.phone, to=job.contact):
        return Made("no_match")
    if job.services.stops.has(job.contact):
        return Made("stopped")
    if not admit_link(job.services, job.contact, job.phone, job.work.id):
        return Made("contact_over_limit")
    if rests(job, record):
        return Made("rests")
    link = seal(job, record)
    plain = new_delivery(job.work.id, "elsewhere", letter(job, link.url, job.contact), job.services.now())
    return Made("sent", book(with_link(job, record, link, plain), route), link.reference)


def _take_time(job: Job) -> Route:
    """Whoever has a record and whoever has none takes as much of our numbers' time, and at the same moment. Else a
    second phone would see by its own messages, which come later behind a letter, that there is one."""
    return job.services.carrier.route(letter(job, url_of(job, AS_LONG_AS_A_TOKEN), job.contact))
