"""What we remember of one phone between two texts, and how it becomes bytes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import orjson
from pydantic import TypeAdapter, ValidationError

REMEMBERED = 64  # events kept with their answers: more than the longest conversation has
POSTED = 32  # messages that a session knows of: those that may be taken back are among the newest
STRANGE = "?"  # the state of a session whose place we do not know; no flow has one of this name
REMAIN = (  # of a session that makes no sense: who it is with, what is under way, what was said and sent
    "phone", "ours", "flow", "language", "started", "touched", "seen", "last", "last_id", "posted", "reached", "missed",
    "left",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answered:
    """What an event was answered with: a MessageSid or a work's id, and the reply ("" for silence or a message)."""

    id: str
    text: str = ""
    personal: bool = False  # it says an answer back, and is forgotten with the answers

    def silent(self) -> Self:
        """The event stays known; what was said is forgotten."""
        return type(self)(self.id)

    def __repr__(self) -> str:
        return f"Answered(id={self.id!r})"


@dataclass(frozen=True, slots=True)
class Work:
    """Slow work that a `do` state asked for, with all it needs, so that the answers can be forgotten."""

    id: str
    state: str
    action: str
    answers: Mapping[str, str]
    language: str
    asked_at: float  # seconds since 1970
    elsewhere: bool = False  # the chat has its answer already; what is left goes to another contact
    delayed: bool = False  # the chat knows that it takes longer

    def __repr__(self) -> str:
        return f"Work(id={self.id!r}, state={self.state!r})"

    def is_for(self, phone: str) -> bool:
        """Whether the record's contact is to be this phone, the one that texts."""
        return self.answers["contact"] == phone


def is_at_carrier(sid: str) -> bool:
    """Whether it names a message that Twilio keeps, and nothing that we named ourselves."""
    return sid[:2] in ("SM", "MM")


@dataclass(frozen=True, slots=True)
class Left:
    """A conversation that ended without an answer, as it is still to be logged."""

    note: str  # its name, by which two lines about it are known to be one
    state: str
    language: str


@dataclass(frozen=True, slots=True)
class Session:
    """One phone's conversation. Without a `state` nothing is going on: the next text begins anew."""

    phone: str  # E.164
    ours: str = ""  # the number of ours that she texted last
    flow: str = ""  # the structure that the conversation started on
    state: str = ""
    language: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    tries: Mapping[str, int] = field(default_factory=dict)  # by state: wrong answers since the last good one
    path: tuple[str, ...] = ()  # questions already answered, for BACK
    menu: tuple[str, ...] = ()  # the options in the order in which they were shown
    turns: int = 0
    started: float = 0.0
    touched: float = 0.0
    work: tuple[Work, ...] = ()
    seen: tuple[Answered, ...] = ()
    last: str = ""  # what was last sent: "link", "picture" or "elsewhere", of which nobody says whether it was
    last_id: str = ""  # the event whose message that was, if it may be sent again
    posted: tuple[str, ...] = ()  # the events whose messages went to this chat, unless they were taken back
    reached: tuple[str, ...] = ()  # the states that were counted for this conversation
    missed: str = ""  # what could not be delivered and she has not heard of: "link", "email" or "other"
    left: tuple[Left, ...] = ()  # conversations before this one

    def __repr__(self) -> str:
        return f"Session(state={self.state!r}, turns={self.turns})"

    def answer_to(self, event_id: str) -> Answered | None:
        """What this event was answered with, or None if it is new."""
        return next((answered for answered in self.seen if answered.id == event_id), None)

    def remember(self, answered: Answered) -> Self:
        """The newest events are kept."""
        return replace(self, seen=(*self.seen[1 - REMEMBERED :], answered))

    def post(self, event_id: str) -> Self:
        """This event's message is on its way to the chat."""
        return replace(self, posted=(*self.posted[1 - POSTED :], event_id))

    def take_back(self, *event_ids: str) -> Self:
        """These events' messages are void, if they have not left yet."""
        return replace(self, posted=tuple(posted for posted in self.posted if posted not in event_ids))

    def forgotten(self) -> Self:
        """Nothing left of the conversation but the MessageSids, what goes on elsewhere and what was sent."""
        kept = self.take_back(*(delay_id(work.id) for work in self.work if not work.elsewhere))
        return type(self)(
            phone=self.phone,
            ours=self.ours,
            language=self.language,
            touched=self.touched,
            work=tuple(work for work in self.work if work.elsewhere),
            seen=self.seen_impersonally(),
            last=self.last,
            last_id=self.last_id,
            posted=kept.posted,
            missed=self.missed,
            left=self.left,
        )

    def without(self, slots: Iterable[str]) -> Self:
        """These answers forgotten, and what was shown with them."""
        gone = {name for slot in slots for name in (slot, f"{slot}.witness")}
        return replace(self, answers={slot: value for slot, value in self.answers.items() if slot not in gone})

    def seen_impersonally(self) -> tuple[Answered, ...]:
        """The events with what they were answered, without what was about the answers."""
        return tuple(answered.silent() if answered.personal else answered for answered in self.seen)

    @property
    def awaited(self) -> Work | None:
        """The work that the chat waits for."""
        return next((work for work in self.work if not work.elsewhere), None)

    def pending(self, work_id: str) -> Work | None:
        return next((work for work in self.work if work.id == work_id), None)

    def to_bytes(self) -> bytes:
        return orjson.dumps(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Session":
        """Read what `to_bytes` wrote, in this version of us or another: fields that we do not know are left out, and
        those that it did not know take their default. If it makes no sense to us, what remains of it."""
        try:
            return _SESSION.validate_json(data)
        except ValidationError:  # its text would show the values
            return _remains(data)


def delay_id(work_id: str) -> str:
    """The event that this work takes longer."""
    return f"{work_id}:delayed"


def _remains(data: bytes) -> Session:
    """What another version wrote in a way that we do not know, as far as we understand it.

    Work that the chat waits for goes on as if nothing were; else its place is lost, and the next text is told so.
    """
    given = _object(data)
    works = tuple(work for each in _list(given.get("work")) for work in _field("work", [each]) or ())
    kept = {name: value for name in REMAIN if (value := _field(name, given.get(name))) is not None}
    session = Session(**{"phone": "", **kept, "work": works})
    if session.awaited:
        return replace(session, state=session.awaited.state)
    return replace(session, state=STRANGE, flow="")


def _field(name: str, value: Any) -> Any:
    """One field by itself, or None if it is not ours."""
    try:
        return getattr(_SESSION.validate_python({"phone": "", name: value}), name)
    except ValidationError:
        return None


def _object(data: bytes) -> Mapping[str, Any]:
    try:
        given = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return given if isinstance(given, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


_SESSION = TypeAdapter(Session)
