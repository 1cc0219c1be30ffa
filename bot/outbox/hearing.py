"""What a provider says of a delivery, whoever heard it: the sender, the callback or the list that was asked."""

import structlog

from bot.outbox import course
from bot.outbox.delivery import Delivery, Report, file_of
from bot.ports import Change, Services

log = structlog.get_logger()


def hear(services: Services, delivery_id: str, report: Report) -> Change | None:
    """Take it in; None if nobody knows this delivery. Raises StoreUnavailable."""
    change = services.deliveries.update(delivery_id, lambda delivery: course.hear(delivery, report, services.now()))
    if change is None or change.before.state == change.after.state:
        return change
    taken = change.before.state in ("ready", "sending") and change.after.state in ("accepted", "delivered")
    if taken:
        log.info("sent", delivery=delivery_id, provider_id=report.provider_id)
    if taken and (media_url := change.before.message.media_url):
        services.media.hand_over(*file_of(media_url))
    _log_end(change.after, report)
    return change


def _log_end(delivery: Delivery, report: Report) -> None:
    match delivery.state:
        case "delivered":
            log.info("delivered", delivery=delivery.id)
        case "failed":
            log.warning("delivery_failed", delivery=delivery.id, code=report.code)
        case "ready":
            log.warning("delivery_put_off", delivery=delivery.id, code=report.code, seconds=round(course.LOOK))
