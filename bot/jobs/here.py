"""The record's contact is the phone that texts: a link or a picture goes to its chat."""

from dataclasses import replace

from bot.admitting import give_back
from bot.conversation.events import Outcome
from bot.conversation.wording import fill
from bot.jobs.finding import find, outcome_of
from bot.jobs.job import Job
from bot.jobs.links import groups, reference_of, rests, seal, with_link
from bot.jobs.saying import say
from bot.limiting import admit_picture
from bot.may_deliver import may_deliver
from bot.outbox.delivery import Delivery
from bot.ports import IISRejected, IISUnavailable
from bot.record_content import ShownGroup
from bot.records import VaccineRecord


def send_here(job: Job, *, watched: bool) -> None:
    """`watched`: so many phones asked for this person that none hears whether she was not found."""
    try:
        record = find(job)
    except (IISUnavailable, IISRejected) as error:
        give_back(job.services, job.work, job.phone)
        return say(job, Outcome(job.work.id, outcome_of(error)))
    if record is None or not may_deliver(record, asked=job.contact, sender=job.phone, to=job.phone):
        return say(job, Outcome(job.work.id, "over_limit" if watched else "no_match"), truly="no_match")
    give_back(job.services, job.work, job.phone)
    group = _for_a_picture(job, record)
    if group and admit_picture(job.services):
        return _send_picture(job, group)
    if rests(job, record):
        return say(job, Outcome(job.work.id, "over_limit"), truly="rests")
    return _send_link(job, record, instead_of_picture=group is not None)


def _for_a_picture(job: Job, record: VaccineRecord) -> ShownGroup | None:
    """What a picture shows, if one is wanted and there is a card; a link brings all, and also what is on no card."""
    allowed = may_deliver(record, asked=job.contact, sender=job.phone, to=job.phone, picture=True)
    if job.work.answers.get("format") != "picture" or not allowed:
        return None
    is_revoked = job.services.cards.is_revoked  # for good, before it was made: the link's page says so
    return next((group for group in groups(job, record) if group.jws and not is_revoked(group.jws)), None)


def _send_picture(job: Job, group: ShownGroup) -> None:
    token = job.services.media.prepare(group.jws.encode(), "png")  # drawn when it is fetched, unless revoked by then
    media_url = f"{job.services.public_url}/m/{token}.png"
    vaccine = job.services.flow.words_in(job.work.language).vaccine(group.name)
    outcome = Outcome(job.work.id, "sent_picture", {"vaccine": vaccine}, media_url=media_url)
    say(job, outcome, lambda plain: replace(plain, brings="picture"), reference=reference_of([group]))


def _send_link(job: Job, record: VaccineRecord, *, instead_of_picture: bool) -> None:
    link = seal(job, record)
    outcome = Outcome(job.work.id, "sent", {"link": link.url})

    def enclose(plain: Delivery) -> Delivery:
        plain = _with_the_reason(job, plain) if instead_of_picture else plain
        return replace(with_link(job, record, link, plain), brings="link")

    say(job, outcome, enclose, reference=link.reference)


def _with_the_reason(job: Job, plain: Delivery) -> Delivery:
    """She asked for a picture and gets a link: that is said first."""
    flow = job.services.flow
    reason = fill(flow.words_in(job.work.language).say["send_record.no_picture"], flow.values)
    return replace(plain, message=replace(plain.message, body=f"{reason}\n{plain.message.body}"))
