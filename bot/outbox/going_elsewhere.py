"""A message cannot reach its contact: the email on the record gets it instead, and its own chat hears so later."""

import structlog

from bot.conversation.events import Undelivered
from bot.outbox import course
from bot.outbox.delivery import Delivery
from bot.ports import Services
from bot.telling import tell

log = structlog.get_logger()

OPTED_OUT = "21610"  # STOP, as the carrier knows it


def go_elsewhere(services: Services, delivery: Delivery) -> None:
    """Safe to run twice. A message for another contact has no `chat`: whoever asked for it hears nothing.

    Who stopped such messages does not get them by email instead.
    """
    unwanted = delivery.code == OPTED_OUT and not delivery.chat
    email = None if unwanted else course.instead_of(delivery)
    if delivery.chat:
        attempt = delivery.attempts
        event = Undelivered(delivery.work_id, delivery.brings, by_email=email is not None, attempt=attempt)
        tell(services, delivery.chat, event, phone=delivery.message.to)
    change = services.deliveries.update(
        delivery.id, lambda d: course.give_way(d) if d == delivery else d, post=(email,) if email else ()
    )
    if change and change.made and email:
        log.info("sent_by_email_instead", delivery=delivery.id, instead=email.id)
