"""A message cannot reach its contact: the email on the record gets it instead, and its own chat hears so later."""

import structlog

from bot.conversation.events import Undelivered
from bot.limiting import admit_letter
from bot.outbox import course
from bot.outbox.delivery import Delivery
from bot.ports import Services
from bot.telling import tell

log = structlog.get_logger()

OPTED_OUT = "21610"  # STOP, as the carrier knows it


def go_elsewhere(services: Services, delivery: Delivery) -> None:
    """Safe to run twice. A message for another contact has no `chat`: whoever asked for it hears nothing."""
    email = _letter(services, delivery)
    if delivery.chat:
        attempt = delivery.attempts
        event = Undelivered(delivery.work_id, delivery.brings, by_email=email is not None, attempt=attempt)
        tell(services, delivery.chat, event, phone=delivery.message.to)
    change = services.deliveries.update(
        delivery.id, lambda d: course.give_way(d) if d == delivery else d, post=(email,) if email else ()
    )
    if change and change.made and email:
        log.info("sent_by_email_instead", delivery=delivery.id, instead=email.id)


def _letter(services: Services, delivery: Delivery) -> Delivery | None:
    """What the email gets. Where somebody else than its own chat asked, it is counted as a link to that email is.

    Who stopped such messages does not get them by email either. What her own phone asked for has limits of its own:
    others, who can fill an email's, take nothing from it.
    """
    email = course.instead_of(delivery)
    if email is None or delivery.chat:
        return email
    if delivery.code == OPTED_OUT:
        return None
    return email if admit_letter(services, email.message.to, email.work_id) else None
