"""Asking the registry, for an hour if it is away."""

import random
from datetime import date

import structlog

from bot.conversation.actions import LONGEST_WORK
from bot.fault_points import reach
from bot.jobs.job import Again, Job
from bot.jobs.saying import say_delayed
from bot.ports import IISRejected, IISUnavailable
from bot.record_content import shows_any
from bot.records import Demographics, VaccineRecord

log = structlog.get_logger()

PATIENCE = 60.0  # seconds after which whoever waits in the chat hears that it takes longer
LONGEST_PAUSE = 60.0  # seconds between two questions to a registry that is away


def find(job: Job) -> VaccineRecord | None:
    """The record, if it has something to show. Raises Again for an hour, then IISUnavailable, or IISRejected."""
    reach("work_locked_before_lookup")
    try:
        record = job.services.iis.find(_who(job))
    except IISUnavailable as error:
        _wait_for_registry(job, error)
        raise
    except IISRejected as error:
        log.error("iis_rejected", work=job.work.id, reason=str(error))
        raise
    reach("work_looked_up_before_seal")
    log.info("lookup", work=job.work.id, found=record is not None)
    return record if record and shows_any(record, job.services.flow.vaccines) else None


def outcome_of(error: IISUnavailable | IISRejected) -> str:
    """How work comes out where the registry gave no answer."""
    return "down" if isinstance(error, IISUnavailable) else "fault"


def _who(job: Job) -> Demographics:
    answers = job.work.answers
    return Demographics(
        first_name=" ".join(filter(None, (answers["first_name"], answers.get("middle_name")))),
        last_name=answers["last_name"],
        birth_date=date.fromisoformat(answers["birth_date"]),
        contact=job.contact,
    )


def _wait_for_registry(job: Job, error: IISUnavailable) -> None:
    """Raise Again for an hour. Whoever waits in the chat hears so once; a sender for another contact never."""
    age = job.services.now() - job.work.asked_at
    log.warning("iis_unavailable", work=job.work.id, seconds=round(age), reason=str(error))
    if age >= LONGEST_WORK:
        return
    asked_for = error.retry_after or 0  # seconds in which the registry wants peace
    if job.own and age + asked_for >= PATIENCE:
        say_delayed(job)
    pause = min(2 + age / 2, LONGEST_PAUSE) * random.uniform(0.75, 1.25)  # noqa: S311 - so that not all come at once
    raise Again(min(asked_for + pause, LONGEST_WORK - age)) from None
