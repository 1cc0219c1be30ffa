"""One run of a piece of work, from the queue's word to its end. Safe to run twice."""

import structlog

from bot.admitting import admit
from bot.conversation.events import Outcome, Text
from bot.conversation.session import STRANGE, Session
from bot.fault_points import reach
from bot.jobs.elsewhere import Made, end_elsewhere, send_elsewhere
from bot.jobs.here import send_here
from bot.jobs.job import Again, Job
from bot.jobs.saying import say
from bot.ports import Services
from bot.turn import take_turn

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
        elif session.state == STRANGE and session.phone:
            _begin_again(services, key, session.phone, work_id)
        elif services.now() - queued_at < SAVE_TIME:
            raise Again(1)
        else:
            log.info("work_gone", work=work_id)  # taken back by RESTART or STOP, or its session has ended


def _begin_again(services: Services, key: str, phone: str, work_id: str) -> None:
    """Another version of us began this work, and we cannot read what it needs: whoever waits hears so, once."""
    log.error("work_unreadable", work=work_id)
    take_turn(services, key, Text("", work_id), phone, by_message=True)


def give_up(services: Services, key: str, work_id: str) -> None:
    """Our own work is broken: the resident hears the flow's `fault`. Raises StoreUnavailable."""
    session = services.sessions.load(key).session or Session(phone="")
    if not (work := session.pending(work_id)):
        return
    job = Job(services, key, work, session.phone)
    if job.own:
        say(job, Outcome(work_id, "fault"))
    else:
        end_elsewhere(job, Made("fault"))


def _send_record(job: Job) -> None:
    if not job.own:  # counted, and told to the chat, with the turn that asked for it
        return send_elsewhere(job)
    admission = admit(job.services, job.work, job.phone)
    if not admission.allowed:
        return say(job, Outcome(job.work.id, "over_limit"))
    return send_here(job, watched=admission.watched)
