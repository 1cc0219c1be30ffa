"""The record's contact is the phone that texts: a link or a picture goes to its chat."""

from dataclasses import replace

from bot.cards import qr
from bot.conversation.events import Outcome
from bot.jobs.finding import find
from bot.jobs.job import Job
from bot.jobs.links import groups, reference_of, seal, with_link
from bot.jobs.saying import say
from bot.may_deliver import may_deliver
from bot.ports import IISRejected, IISUnavailable
from bot.record_content import ShownGroup
from bot.records import VaccineRecord


def send_here(job: Job) -> None:
    try:
        record = find(job)
    except IISUnavailable:
        return say(job, Outcome(job.work.id, "down"))
    except IISRejected:
        return say(job, Outcome(job.work.id, "fault"))
    if record is None or not may_deliver(record, asked=job.contact, sender=job.phone, to=job.phone):
        return say(job, Outcome(job.work.id, "no_match"))
    if group := _for_a_picture(job, record):
        return _send_picture(job, group)
    return _send_link(job, record)


def _for_a_picture(job: Job, record: VaccineRecord) -> ShownGroup | None:
    """What a picture shows, if one is wanted and there is a card; a link brings all, and also what is on no card."""
    allowed = may_deliver(record, asked=job.contact, sender=job.phone, to=job.phone, picture=True)
    if job.work.answers.get("format") != "picture" or not allowed:
        return None
    return next((group for group in groups(job, record) if group.jws), None)


def _send_picture(job: Job, group: ShownGroup) -> None:
    token = job.services.media.prepare(qr.png(group.jws), "png")
    media_url = f"{job.services.public_url}/m/{token}.png"
    vaccine = job.services.flow.words_in(job.work.language).vaccine(group.name)
    outcome = Outcome(job.work.id, "sent_picture", {"vaccine": vaccine}, media_url=media_url)
    say(job, outcome, lambda plain: replace(plain, brings="picture"), reference=reference_of([group]))


def _send_link(job: Job, record: VaccineRecord) -> None:
    link = seal(job, record)
    outcome = Outcome(job.work.id, "sent", {"link": link.url})
    say(
        job,
        outcome,
        lambda plain: replace(with_link(job, record, link, plain), brings="link"),
        reference=link.reference,
    )
