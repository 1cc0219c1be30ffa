"""What we need from the world, each with its promise. `wiring.py` chooses who keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.conversation.session import Session
from bot.records import Demographics, VaccineRecord


class IISUnavailable(Exception):
    """The registry did not answer. Try again later. Carries no personal data."""


class IISRejected(Exception):
    """The registry refused the question or answered nonsense. A person must look. Carries no personal data."""


class IIS(Protocol):
    """An Immunization Information System: a state's vaccine registry."""

    def find(self, who: Demographics) -> VaccineRecord | None:
        """Return the one record that matches, or None for no match or several.

        Raises IISUnavailable or IISRejected. Answers within its own timeout; safe to call twice.
        """

    def ping(self) -> None:
        """Raise IISUnavailable unless the registry answers now."""


@dataclass(frozen=True, slots=True)
class Card:
    """A signed SMART Health Card."""

    jws: str
    rid: str  # revocation id, 11 characters, the same for every card of one person under one key

    def __repr__(self) -> str:
        return "Card(...)"


class Cards(Protocol):
    """Signs SMART Health Cards and publishes the keys that verify them."""

    def issue(self, record: VaccineRecord) -> Card:
        """Sign the record's doses, newest first when they do not all fit. Needs at least one dose."""

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public keys, as `/.well-known/jwks.json` serves them."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person, by text or email."""

    to: str  # E.164 phone, or an email address
    body: str
    subject: str = ""  # email only
    language: str = "en"
    media_url: str | None = None
    delivery_id: str = ""  # names this message in its status callback

    def __repr__(self) -> str:
        return "Message(...)"


class DeliveryUnavailable(Exception):
    """The carrier or mail server did not take the message now. Try again later."""


class DeliveryRefused(Exception):
    """The message will never arrive: opted out, a landline, no such address. `code` is the provider's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Delivery(Protocol):
    """A way to bring a message to a phone or a mailbox."""

    def send(self, message: Message) -> str:
        """Hand the message over and return the provider's id for it.

        Raises DeliveryUnavailable or DeliveryRefused. Answers within its own timeout.
        """


class SessionConflict(Exception):
    """Somebody else saved this session since it was loaded. Load it and decide again."""


class StoreUnavailable(Exception):
    """Redis did not answer. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A session as it was in the store, with the stamp that a save must name."""

    session: Session | None
    stamp: bytes


class Sessions(Protocol):
    """Keeps one encrypted session for each phone."""

    def key(self, phone: str) -> str:
        """The store's name for a phone: stable, and telling nothing of the number."""

    def load(self, key: str) -> Loaded: ...

    def save(self, key: str, session: Session, stamp: bytes, ttl: int) -> None:
        """Save if the stored session still has this stamp. `ttl` in seconds. Raises SessionConflict."""


class Jobs(Protocol):
    """Takes slow work to the worker, at least once."""

    def enqueue(self, session_key: str, work_id: str) -> None: ...


class SealedLinks(Protocol):
    """Keeps what a PIN-protected link opens."""

    def seal(self, content: bytes, pin: str, *, language: str) -> str:
        """Store the content so that only token and PIN together open it; return the token."""


class Capabilities(Protocol):
    """Keeps files at addresses that nobody can guess, for some minutes."""

    def mint(self, content: bytes, suffix: str) -> str:
        """Store a file and return its token."""


class Lookups(Protocol):
    """Counts registry lookups, so that nobody can guess her way through it."""

    def allow(self, phone: str, work_id: str) -> bool:
        """Count this lookup for the sender, then say whether she may. The same work counts once."""


Texts = Mapping[str, str]
