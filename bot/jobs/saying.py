"""What a job tells the chat that waits for it."""

from dataclasses import replace

import structlog

from bot.audit.noting import came_out
from bot.conversation.actions import LONGEST_WORK
from bot.conversation.events import Delay, Outcome
from bot.jobs.job import Job
from bot.limiting import count_message
from bot.outbox.delivery import Delivery
from bot.telling import Enclose, tell

log = structlog.get_logger()


def say(
    job: Job, outcome: Outcome, enclose: Enclose = lambda plain: plain, *, reference: str = "", truly: str = ""
) -> None:
    """Answer the chat, once. If the answer cannot be delivered, her next text is told so.

    `reference`: of the card. `truly`: the outcome for the audit trail, where the chat hears another.
    """
    services = job.services
    entry = came_out(services.audit.key, job.work, truly or outcome.name, services.now(), reference)

    def for_the_chat(plain: Delivery) -> Delivery:
        return replace(enclose(plain), chat=job.key)

    if tell(services, job.key, outcome, for_the_chat, audited=(entry,)):
        log.info("outcome", work=job.work.id, who=_who(job), name=outcome.name)


def say_delayed(job: Job) -> None:
    """Say once that it takes longer. Nobody needs to hear that once the hour is over, or if it cannot be delivered."""
    delay, end = Delay(job.work.id), job.work.asked_at + LONGEST_WORK
    if tell(job.services, job.key, delay, lambda plain: replace(plain, expires_at=min(plain.expires_at, end))):
        count_message(job.services)
        log.info("outcome", work=job.work.id, who=_who(job), name=delay.name)


def _who(job: Job) -> str:
    return job.services.who(job.phone, job.services.now())
