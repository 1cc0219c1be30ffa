"""The counters of one process, and what their labels may say.

Under gunicorn they live in files that its processes share (prometheus_client's multiprocess mode): whoever is asked
answers for all. So its variable must be set before this module is imported; gunicorn.conf.py does that.
"""

import re
from dataclasses import dataclass, field

from prometheus_client import Counter, Gauge, disable_created_metrics

from bot.limits.table import LIMITS

OTHER = "other"
BREAKER_STATES = {"closed": 0, "half-open": 1, "open": 2}


@dataclass(frozen=True, slots=True)
class Bounded:
    """A label with few values of one shape. Whatever else arrives is `other`: no mistake of ours fills a store."""

    shape: re.Pattern[str]
    most: int
    seen: set[str] = field(default_factory=set)

    def __call__(self, value: object) -> str:
        text = str(value)
        if text in self.seen:
            return text
        if len(self.seen) >= self.most or not self.shape.fullmatch(text):
            return OTHER
        self.seen.add(text)
        return text


# A state or language is of a flow file, "" before any is chosen; a code is a carrier's number or a name of ours.
state = Bounded(re.compile(r"(?:[a-z][a-z0-9_]{0,39})?"), 200)
language = Bounded(re.compile(r"(?:[a-z]{2,3}(?:-[A-Z][a-z]{3})?)?"), 40)
code = Bounded(re.compile(r"(?:[1-6][0-9]{2}|[1-6][0-9]{4})?"), 60)
outcome = Bounded(re.compile(r"[a-z][a-z0-9_]{0,39}"), 40)
limit = Bounded(re.compile(r"[a-z][a-z0-9_]{0,39}"), 40)
event = Bounded(re.compile(r"[a-z][a-z0-9_]{0,39}"), 150)

disable_created_metrics()  # type: ignore[no-untyped-call]

TEXTS = Counter("vaxtext_texts", "Texts of residents by how we answered: reply, silence or sorry.", ["answer"])
REPLIES = Counter("vaxtext_replies", "Replies by the state that they lead to and the language.", ["state", "language"])
SEGMENTS = Counter("vaxtext_segments", "Segments of text that we pay for, in replies and in messages.", ["sent_as"])
PICTURES = Counter("vaxtext_pictures", "Picture messages that a carrier took.")
LOOKUPS = Counter("vaxtext_lookups", "Questions to the registry by how they came out.", ["outcome"])
OUTCOMES = Counter("vaxtext_outcomes", "What the chat was told of the work, by the flow's outcome.", ["outcome"])
DELIVERIES = Counter("vaxtext_deliveries", "Steps of our messages by status and carrier's code.", ["status", "code"])
LINK_OPENINGS = Counter("vaxtext_link_openings", "Record pages that the right PIN opened.")
WRONG_PINS = Counter("vaxtext_wrong_pins", "Wrong PINs on record pages; `last` burnt the link.", ["last"])
LIMITS_REACHED = Counter(
    "vaxtext_limits_reached", "What was refused or changed because a limit was reached.", ["limit"]
)
ABANDONED = Counter("vaxtext_abandoned", "Conversations without an answer, by last state.", ["state", "language"])
EVENTS = Counter("vaxtext_events", "Lines of the log by event.", ["event"])
BREAKER = Gauge(
    "vaxtext_breaker_state",
    "0 closed: it is asked. 1 half-open: one question tries. 2 open: it is left in peace.",
    ["breaker"],
    multiprocess_mode="livemax",
)

STATUSES = ("accepted", "delivered", "failed", "put_off", "uncertain", "expired")


def begin_at_zero() -> None:
    """A counter that is first seen at 1 looks to Prometheus as if nothing had happened."""
    for answer in ("reply", "silence", "sorry"):
        TEXTS.labels(answer)
    for sent_as in ("reply", "message"):
        SEGMENTS.labels(sent_as)
    for came_out in ("found", "none", "unavailable", "rejected"):
        LOOKUPS.labels(came_out)
    for status in STATUSES:
        DELIVERIES.labels(status, "")
    for name in LIMITS:
        LIMITS_REACHED.labels(limit(name))
    for last in ("no", "yes"):
        WRONG_PINS.labels(last)
