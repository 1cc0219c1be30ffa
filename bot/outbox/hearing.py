"""What a provider says of a delivery, whoever heard it: the sender, the callback or the list that was asked."""

import structlog

from bot.conversation.gsm7 import segments
from bot.outbox import course
from bot.outbox.besides import besides
from bot.outbox.delivery import Delivery, Report, file_of
from bot.ports import Change, Services

log = structlog.get_logger()


def hear(services: Services, delivery_id: str, report: Report) -> Change | None:
    """Take it in; None if nobody knows this delivery. Raises StoreUnavailable."""
    change = services.deliveries.update(
        delivery_id, lambda delivery: course.hear(delivery, report, services.now()), besides=besides(services)
    )
    if change is None or change.before.state == change.after.state:
        return change
    taken = change.before.state in ("ready", "sending") and change.after.state in ("accepted", "delivered")
    if taken:
        _taken(services, change.before, report)
    _log_end(change.after, report)
    return change


def _taken(services: Services, delivery: Delivery, report: Report) -> None:
    media_url, by_text = delivery.message.media_url, "@" not in delivery.message.to
    log.info(
        "sent",
        delivery=delivery.id,
        provider_id=report.provider_id,
        segments=segments(delivery.message.body) if by_text and not media_url else 0,
        pictures=int(bool(media_url)),
    )
    if media_url:
        services.media.hand_over(*file_of(media_url))


def _log_end(delivery: Delivery, report: Report) -> None:
    match delivery.state:
        case "delivered":
            log.info("delivered", delivery=delivery.id)
        case "failed":
            log.warning("delivery_failed", delivery=delivery.id, code=report.code)
        case "ready":
            log.warning("delivery_put_off", delivery=delivery.id, code=report.code, seconds=round(course.LOOK))
