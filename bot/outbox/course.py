"""What each event makes of a delivery. States never move backwards, but for one that is to be sent once more.

ready -> sending -> accepted -> delivered
failed: it cannot reach its contact. expired: its day is over. Both may follow on any of the first three.
"""

from dataclasses import replace

from bot.outbox.delivery import Delivery, Message, Report, Route, delivery_id

LEASE = 30.0  # seconds in which an attempt has surely ended, and its provider has surely reported or lists it
LOOK = 300.0  # seconds until its provider is asked what became of it, if it does not say; later ever more rarely
AGAIN = 3  # how often one message may be asked for again
ATTEMPTS = 5  # how often a message is sent that its carrier accepts and then cannot bring
# Full queues, limits, an account to be mended, a number of ours that is not registered: none is her phone's fault.
PASSING = frozenset({"30001", "30002", "30017", "30022", "30023", "30032", "30034"})


def begin(delivery: Delivery, now: float, sender: str = "") -> Delivery:
    """An attempt, saved before the request leaves. Whoever finds it like this later must ask that sender's provider
    before sending it again."""
    return replace(
        delivery,
        state="sending",
        message=replace(delivery.message, sender=sender),
        booked="",
        due=now + LEASE,
        attempts=delivery.attempts + 1,
        tried_at=delivery.tried_at or now,
        provider_id="",
        code="",
        looks=0,
    )


def not_taken(delivery: Delivery, now: float, pause: float, code: str) -> Delivery:
    """Its carrier certainly has not got it: it may be sent again after `pause` seconds."""
    return replace(delivery, state="ready", due=_by(delivery, now + pause), code=code)


def doubt(delivery: Delivery, code: str) -> Delivery:
    """Its carrier may have got it: nothing is done before its lease is over."""
    return replace(delivery, code=code)


def hold(delivery: Delivery, route: Route) -> Delivery:
    """Its sender has no time for it before then."""
    return replace(delivery, state="ready", due=_by(delivery, route.at), booked=route.sender)


def book(delivery: Delivery, route: Route) -> Delivery:
    """It is made, and its sender's time was taken before."""
    return hold(delivery, route) if route.at else replace(delivery, booked=route.sender)


def wait(delivery: Delivery, now: float, pause: float) -> Delivery:
    """Nobody could be asked: look again after `pause` seconds."""
    return replace(delivery, due=_by(delivery, now + pause))


def hear(delivery: Delivery, report: Report, now: float) -> Delivery:
    """What its provider says, in whatever order, however often, of whichever attempt."""
    if delivery.over:
        return delivery
    known = report.provider_id in delivery.provider_ids
    if report.state == "delivered":
        return end(_of(delivery, report), "delivered")
    if known and report.provider_id != delivery.provider_id:
        return delivery  # of an attempt before this one
    if delivery.provider_id and not known:
        return delivery  # of an attempt that we had given up
    if report.state == "accepted":
        return _accept(delivery, report, now)
    return _fail(delivery, report, now)


def no_news(delivery: Delivery, now: float) -> Delivery:
    """Its provider was asked and says nothing new."""
    return replace(delivery, due=_by(delivery, now + LOOK * 3**delivery.looks), looks=delivery.looks + 1)


def may_be_asked_for(delivery: Delivery, event_id: str, now: float) -> bool:
    """Whether this text may have it sent again: it has perhaps not arrived, lives, and was not asked for too often."""
    if not delivery.brings or delivery.over or now >= delivery.expires_at:
        return False
    return event_id in delivery.asked or len(delivery.asked) < AGAIN


def ask_again(delivery: Delivery, event_id: str, now: float) -> Delivery:
    """Send it once more, unless it is just being sent. The same text counts once."""
    if event_id in delivery.asked or not may_be_asked_for(delivery, event_id, now):
        return delivery
    if delivery.state in ("ready", "sending"):
        return delivery
    asked = (*delivery.asked, event_id)
    return replace(delivery, state="ready", due=now, asked=asked, tried_at=0.0, provider_id="", code="")


def end(delivery: Delivery, state: str) -> Delivery:
    """Nothing follows: what it said, to whom, and what could have gone elsewhere are forgotten."""
    nothing = Message(to="", body="")
    return replace(delivery, state=state, due=None, message=nothing, instead=None, link="")


def give_way(delivery: Delivery) -> Delivery:
    """It failed, and what was to be done about that is done. It may still be asked for again."""
    return replace(delivery, due=None, instead=None) if delivery.brings else end(delivery, "failed")


def instead_of(delivery: Delivery) -> Delivery | None:
    """The message that goes to the email on the record in the place of this one."""
    if delivery.instead is None:
        return None
    name = delivery_id(delivery.id, "instead")
    message = replace(delivery.instead, delivery_id=name)
    return Delivery(
        name,
        message,
        delivery.made_at,
        delivery.expires_at,
        due=delivery.due,
        link=delivery.link,
        work_id=delivery.work_id,
    )


def _of(delivery: Delivery, report: Report) -> Delivery:
    """With this attempt among those that we know."""
    known = report.provider_id in ("", *delivery.provider_ids)
    ids = delivery.provider_ids if known else (*delivery.provider_ids, report.provider_id)
    return replace(delivery, provider_id=report.provider_id or delivery.provider_id, provider_ids=ids)


def _accept(delivery: Delivery, report: Report, now: float) -> Delivery:
    if delivery.state not in ("ready", "sending"):
        return delivery
    accepted = replace(_of(delivery, report), state="accepted", code="", due=_by(delivery, now + LOOK), looks=1)
    return end(accepted, "accepted") if report.last else accepted


def _fail(delivery: Delivery, report: Report, now: float) -> Delivery:
    if delivery.state == "failed":
        return delivery
    failed = replace(_of(delivery, report), code=report.code)
    if report.code in PASSING and delivery.attempts < ATTEMPTS:
        return replace(failed, state="ready", due=_by(failed, now + LOOK), tried_at=0.0, provider_id="")
    return replace(failed, state="failed", due=now)


def _by(delivery: Delivery, when: float) -> float:
    """Then, or when its day is over."""
    return min(when, delivery.expires_at)
