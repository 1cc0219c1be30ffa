"""Whatever is to be done now for one delivery: send it, ask what became of it, or go another way. Safe to run twice.

The state `sending` is saved before a request leaves. Whoever finds it later does not know whether the provider has
the message: its callback had LEASE seconds to come, then the provider is asked, and only then it is sent again.
"""

import random
from collections.abc import Callable

import structlog
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from bot.fault_points import reach
from bot.outbox import course
from bot.outbox.besides import besides
from bot.outbox.delivery import Delivery, Report, Route
from bot.outbox.going_elsewhere import go_elsewhere
from bot.outbox.hearing import hear
from bot.ports import DeliveryRefused, DeliveryUnavailable, DeliveryUncertain, Services, StoreUnavailable

log = structlog.get_logger()

LONGEST_PAUSE = 120.0  # seconds between two tries while a carrier takes nothing
INSIST = 6.0  # seconds for which we try to save what a provider said


def attend(services: Services, delivery: Delivery) -> None:
    """`delivery` was claimed: for LEASE seconds it is ours. Raises StoreUnavailable: it comes back then."""
    if services.now() >= delivery.expires_at:
        return _expire(services, delivery)
    match delivery.state:
        case "ready":
            return _send(services, delivery)
        case "sending":
            return _clear_up(services, delivery)
        case "accepted":
            return _ask(services, delivery)
        case "failed":
            return go_elsewhere(services, delivery)
    return None


def _send(services: Services, delivery: Delivery) -> None:
    """One attempt, if nobody else began one or changed it since it was claimed."""
    reach("delivery_claimed_before_sending")
    now, tried = services.now(), delivery.message.sender if delivery.code else ""
    route = services.carrier.route(delivery.message, booked=delivery.booked, tried=tried)
    if route.at:
        return _hold(services, delivery, route)
    begun = services.deliveries.update(
        delivery.id, lambda d: course.begin(d, now, route.sender) if d == delivery else d
    )
    if begun is None or not begun.made:
        return None
    reach("delivery_sending_before_request")
    try:
        report = services.carrier.send(begun.after.message)
    except DeliveryUnavailable as error:
        _put_off(services, begun.after, str(error))
    except DeliveryUncertain as error:
        _doubt(services, begun.after, str(error))
    except DeliveryRefused as refused:
        _insist(hear, services, delivery.id, Report("failed", code=refused.code))
    else:
        reach("delivery_answered_before_sid")
        _insist(hear, services, delivery.id, report)
    return None


def _hold(services: Services, delivery: Delivery, route: Route) -> None:
    """Nobody waits for its time: it comes back."""
    log.info("delivery_held", delivery=delivery.id, seconds=round(route.at - services.now()))
    services.deliveries.update(delivery.id, lambda d: course.hold(d, route) if d == delivery else d)


def _put_off(services: Services, begun: Delivery, code: str) -> None:
    """It was certainly not taken: it may be sent again, a little earlier or later than its neighbours."""
    now, pause = services.now(), min(2.0**begun.attempts, LONGEST_PAUSE) * random.uniform(0.75, 1.25)  # noqa: S311
    log.warning("delivery_put_off", delivery=begun.id, code=code, seconds=round(pause))

    def put_off(current: Delivery) -> Delivery:
        return course.not_taken(current, now, pause, code) if current == begun else current

    _insist(services.deliveries.update, begun.id, put_off)


def _doubt(services: Services, begun: Delivery, code: str) -> None:
    """Unlike a worker that was killed, this says something of the provider: if it has not got it, another will."""
    log.warning("delivery_uncertain", delivery=begun.id, code=code)
    _insist(services.deliveries.update, begun.id, lambda d: course.doubt(d, code) if d == begun else d)


def _insist(save: Callable[..., object], *args: object) -> None:
    """What a provider said is worth some tries: Redis may be back in a moment."""
    Retrying(
        retry=retry_if_exception_type(StoreUnavailable),
        stop=stop_after_delay(INSIST),
        wait=wait_fixed(0.5),
        reraise=True,
    )(save, *args)


def _clear_up(services: Services, delivery: Delivery) -> None:
    """Perhaps it was taken. Until we know, it is not sent again."""
    try:
        found = services.carrier.find(delivery.message, since=delivery.tried_at, known=delivery.provider_ids)
    except DeliveryUnavailable as error:
        _wait(services, delivery, str(error))
        return
    log.info("delivery_cleared_up", delivery=delivery.id, taken=found is not None)
    if found:
        hear(services, delivery.id, found)
    else:
        _send(services, delivery)


def _ask(services: Services, delivery: Delivery) -> None:
    """A callback may have been lost: its provider is asked, ever more rarely."""
    try:
        found = services.carrier.status(delivery.message, delivery.provider_id)
    except DeliveryUnavailable as error:
        _wait(services, delivery, str(error))
        return
    change = hear(services, delivery.id, found) if found else None
    if change is None or not change.made:
        now = services.now()
        services.deliveries.update(delivery.id, lambda d: course.no_news(d, now) if d == delivery else d)


def _wait(services: Services, delivery: Delivery, code: str) -> None:
    log.warning("provider_cannot_be_asked", delivery=delivery.id, code=code)
    now, pause = services.now(), course.LEASE * random.uniform(0.75, 1.25)  # noqa: S311
    services.deliveries.update(delivery.id, lambda d: course.wait(d, now, pause) if d == delivery else d)


def _expire(services: Services, delivery: Delivery) -> None:
    log.warning("delivery_expired", delivery=delivery.id, was=delivery.state, code=delivery.code)
    services.deliveries.update(
        delivery.id, lambda d: d if d.over else course.end(d, "expired"), besides=besides(services)
    )
