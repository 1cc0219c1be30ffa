"""Every line of the log is counted, and some events in more detail: what is logged and what is counted never differ."""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from bot.metrics import counters

Line = Mapping[str, Any]


def count(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: it adds nothing and takes nothing away."""
    name = line["event"]
    counters.EVENTS.labels(counters.event(name)).inc()
    if in_detail := COUNTED.get(name):
        in_detail(line)
    return line


def _text(line: Line) -> None:
    counters.TEXTS.labels("silence" if line["silent"] else "reply").inc()
    if not line["silent"]:
        counters.REPLIES.labels(counters.state(line["state"]), counters.language(line["language"])).inc()
        counters.SEGMENTS.labels("reply").inc(line["segments"])


def _silence(_: Line) -> None:
    counters.TEXTS.labels("silence").inc()


def _sorry(line: Line) -> None:
    if "sid" in line:  # it was a text, no page
        counters.TEXTS.labels("sorry").inc()


def _lookup(line: Line) -> None:
    counters.LOOKUPS.labels("found" if line["found"] else "none").inc()


def _lookup_came_out(outcome: str) -> Callable[[Line], None]:
    return lambda _: counters.LOOKUPS.labels(outcome).inc()


def _outcome(line: Line) -> None:
    counters.OUTCOMES.labels(counters.outcome(line["name"])).inc()


def _sent(line: Line) -> None:
    counters.DELIVERIES.labels("accepted", "").inc()
    counters.SEGMENTS.labels("message").inc(line["segments"])
    counters.PICTURES.inc(line["pictures"])


def _delivery(status: str) -> Callable[[Line], None]:
    return lambda line: counters.DELIVERIES.labels(status, counters.code(line.get("code", ""))).inc()


def _pin_wrong(line: Line) -> None:
    counters.WRONG_PINS.labels("no" if line["tries_left"] else "yes").inc()


def _link_opened(_: Line) -> None:
    counters.LINK_OPENINGS.inc()


def _abandoned(line: Line) -> None:
    counters.ABANDONED.labels(counters.state(line["state"]), counters.language(line["language"])).inc()


def _limit_reached(line: Line) -> None:
    counters.LIMITS_REACHED.labels(counters.limit(line["limit"])).inc()


COUNTED: Mapping[str, Callable[[Line], None]] = {
    "text": _text,
    "not_a_phone": _silence,
    "text_silenced": _silence,
    "store_unavailable": _sorry,
    "fault": _sorry,
    "lookup": _lookup,
    "iis_unavailable": _lookup_came_out("unavailable"),
    "iis_rejected": _lookup_came_out("rejected"),
    "outcome": _outcome,
    "sent": _sent,
    "delivered": _delivery("delivered"),
    "delivery_failed": _delivery("failed"),
    "delivery_put_off": _delivery("put_off"),
    "delivery_uncertain": _delivery("uncertain"),
    "delivery_expired": _delivery("expired"),
    "pin_wrong": _pin_wrong,
    "link_opened": _link_opened,
    "abandoned": _abandoned,
    "limit_reached": _limit_reached,
}
