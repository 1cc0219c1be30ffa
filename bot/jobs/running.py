"""One run of a piece of work, from the queue's word to its end. Safe to run twice."""

import structlog

from bot.admitting import admit
from bot.conversation.events import Outcome
from bot.conversation.session import Session
from bot.fault_points import reach
from bot.jobs.elsewhere import send_elsewhere
from bot.jobs.here import send_here
from bot.jobs.job import Again, Job
from bot.jobs.saying import say
from bot.ports import Services

log = structlog.get_logger()

SAVE_TIME = 10.0  # seconds in which the session that asked for the work is surely saved


def run(services: Services, key: str, work_id: str, queued_at: float) -> None:
    """Do one piece of work. Raises Again or StoreUnavailable: run it again later."""
    with services.locks.hold(work_id) as ours:
        if not ours:
            raise Again(2)
        session = services.sessions.load(key).session or Session(phone="")
        if work := session.pending(work_id):
            _send_record(Job(services, key, work, session.phone))
            reach("work_saved_before_done")
        elif session.answer_to(work_id):
            return  # answered, and the answer is in the outbox
        elif services.now() - queued_at < SAVE_TIME:
            raise Again(1)
        else:
            log.info("work_gone", work=work_id)  # taken back by RESTART or STOP, or its session has ended


def give_up(services: Services, key: str, work_id: str) -> None:
    """Our own work is broken: the resident hears the flow's `fault`. Raises StoreUnavailable."""
    session = services.sessions.load(key).session or Session(phone="")
    if work := session.pending(work_id):
        say(Job(services, key, work, session.phone), Outcome(work_id, "fault"))


def _send_record(job: Job) -> None:
    if not job.own:  # counted, and told to the chat, with the turn that asked for it
        return send_elsewhere(job)
    admission = admit(job.services, job.work, job.phone)
    if not admission.allowed:
        return say(job, Outcome(job.work.id, "over_limit"))
    return send_here(job, watched=admission.watched)
