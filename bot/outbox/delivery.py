"""One message on its way to one contact: what is known of it, and how it becomes bytes."""

from dataclasses import dataclass, replace
from hashlib import sha256

import orjson
from pydantic import TypeAdapter, ValidationError

LIFE = 24 * 3600  # seconds: no message outlives the link in it


class OfAnotherVersion(Exception):
    """Another version of us wrote it, in a way that we do not know: it is for that version to send."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person, by text or email."""

    to: str  # E.164 phone, or an email address
    body: str
    subject: str = ""  # email only
    language: str = "en"
    media_url: str | None = None
    delivery_id: str = ""  # names this message in its status callback
    ours: str = ""  # the number of ours that this chat is with: it goes by that one wherever it can
    who: str = ""  # says who we are, before the words, if it goes by another
    sender: str = ""  # the one of ours by which it was last handed over

    def __repr__(self) -> str:
        return "Message(...)"


@dataclass(frozen=True, slots=True)
class Route:
    """By which sender of ours a message is to go, and from when on."""

    sender: str = ""  # "": there is only one
    at: float = 0.0  # seconds since 1970; 0: now


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider says of a message that it was given."""

    state: str  # "accepted", "delivered" or "failed"
    provider_id: str = ""  # Twilio's MessageSid, an email's Message-ID
    code: str = ""  # why it failed
    last: bool = False  # nothing more will be said of it


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message and how far it has come: ready, sending, accepted, delivered, failed or expired."""

    id: str
    message: Message
    made_at: float  # seconds since 1970
    expires_at: float
    due: float | None  # when somebody must look at it next; None: never again
    state: str = "ready"
    brings: str = ""  # "link" or "picture": may be asked for again, as it is
    link: str = ""  # the token of the link in it, which may be dead by then
    chat: str = ""  # the session that hears if it cannot be delivered; "": nobody does
    work_id: str = ""  # what it answers
    instead: Message | None = None  # goes to the email on the record if this phone cannot be reached
    attempts: int = 0
    tried_at: float = 0.0  # the first attempt since it was last asked for
    provider_id: str = ""  # of the attempt that is under way
    provider_ids: tuple[str, ...] = ()  # of all attempts that were accepted
    code: str = ""  # why it failed, or was put off
    looks: int = 0  # how often its provider was asked for news since it was accepted
    asked: tuple[str, ...] = ()  # the texts that asked for it again
    booked: str = ""  # the sender of ours that has time for it when it is due
    personal: bool = False  # it says an answer back

    def __repr__(self) -> str:
        return f"Delivery(id={self.id!r}, state={self.state!r})"

    @property
    def carries(self) -> bool:
        """Whether it brings a record, by link or as a picture."""
        return bool(self.link or self.brings)

    @property
    def over(self) -> bool:
        """Whether nothing can follow. What it said is forgotten then."""
        return not self.message.to

    def to_bytes(self) -> bytes:
        return orjson.dumps(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Delivery":
        """Read what `to_bytes` wrote, in this version of us or another: fields that we do not know are left out, and
        those that it did not know take their default. Raises OfAnotherVersion."""
        try:
            return _DELIVERY.validate_json(data)
        except ValidationError:  # its text would show the values
            raise OfAnotherVersion from None


def delivery_id(event_id: str, channel: str) -> str:
    """Always the same for one event and one channel, so that nothing is made twice."""
    return sha256(f"{event_id}:{channel}".encode()).hexdigest()[:24]


def file_of(media_url: str) -> tuple[str, str]:
    """Token and suffix of an address of ours."""
    token, _, suffix = media_url.rpartition("/")[2].partition(".")
    return token, suffix


def new_delivery(event_id: str, channel: str, message: Message, now: float) -> Delivery:
    """A message that is to be sent now, for a day at most."""
    name = delivery_id(event_id, channel)
    message = replace(message, delivery_id=name)
    return Delivery(name, message, made_at=now, expires_at=now + LIFE, due=now, work_id=event_id)


_DELIVERY = TypeAdapter(Delivery)
