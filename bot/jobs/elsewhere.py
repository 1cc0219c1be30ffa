"""The record's contact is another phone or an email: a link goes there, and the chat learns nothing of it."""

import structlog

from bot.conversation.session import Session
from bot.jobs.finding import find
from bot.jobs.job import Job
from bot.jobs.links import letter, seal, with_link
from bot.limiting import admit_link, note
from bot.may_deliver import may_deliver
from bot.outbox.delivery import Delivery, new_delivery
from bot.ports import IISRejected, IISUnavailable
from bot.turn import Decided, drop_work, update

log = structlog.get_logger()


def send_elsewhere(job: Job) -> None:
    """The chat had its answer with the turn that asked for this."""
    delivery = _made(job)

    def finish(session: Session) -> Decided[None]:
        if not session.pending(job.work.id):  # taken back by STOP
            return Decided(session, None)
        return Decided(drop_work(session, job.work.id), None, post=(delivery,) if delivery else ())

    update(job.services, job.key, finish)


def _made(job: Job) -> Delivery | None:
    """The message with the link; None if nothing may be sent."""
    try:
        record = find(job)
    except (IISUnavailable, IISRejected):
        log.error("work_dropped", work=job.work.id)
        return None
    if record is None or not may_deliver(record, asked=job.contact, sender=job.phone, to=job.contact):
        return None
    if not admit_link(job.services, job.contact, job.work.id):
        return None
    if job.services.links.rests(record.patient_id):
        note(job.services, "wrong_pins_in_a_row")
        return None
    link = seal(job, record)
    plain = new_delivery(job.work.id, "elsewhere", letter(job, link, job.contact), job.services.now())
    return with_link(job, record, link, plain)
