"""What we need from the world, each with its promise. `wiring.py` chooses who keeps it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from bot.conversation.flow import Flow
from bot.conversation.session import Session
from bot.records import Demographics, Immunization, VaccineRecord


class IISUnavailable(Exception):
    """The registry did not answer. Try again later. Carries no personal data."""


class IISRejected(Exception):
    """The registry refused the question or answered nonsense. A person must look. Carries no personal data."""


class IISRefusesUs(IISRejected):
    """The registry does not let us in, whoever is asked for: a wrong password, a locked user, a right that we lack."""


class IIS(Protocol):
    """An Immunization Information System: a state's vaccine registry."""

    def find(self, who: Demographics) -> VaccineRecord | None:
        """Return the one record that matches, or None for no match or several.

        Raises IISUnavailable or IISRejected. Answers within its own timeout; safe to call twice.
        """

    def ping(self) -> None:
        """Raise IISUnavailable or IISRejected unless the registry answers now."""

    def close(self) -> None:
        """Let go of connections."""


class LeftOut(StrEnum):
    """Why a dose that the page shows is on no card. The page says it with its text `left_out_<value>`."""

    UNKNOWN_CODE = "unknown_code"
    FUTURE = "future"
    BEFORE_BIRTH = "before_birth"
    NO_ROOM = "no_room"
    NO_NAME = "no_name"
    LONG_NAME = "long_name"


class DetailLeftOut(StrEnum):
    """Why the lot or place of a dose that is on a card is not. The page's text is `detail_left_out_<value>`."""

    FORM = "form"  # too long, a placeholder, or written as no card may repeat it
    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True)
class CardDose:
    """A dose that is on a card, and what of it is not."""

    dose: Immunization  # as the registry has it
    lot: DetailLeftOut | None = None  # None: it is on the card, or there is none
    place: DetailLeftOut | None = None

    def __repr__(self) -> str:
        return "CardDose(...)"


@dataclass(frozen=True, slots=True)
class Card:
    """A signed SMART Health Card."""

    jws: str
    rid: str  # revocation id, 11 characters, the same for every card of one person under one key
    doses: tuple[CardDose, ...]  # the newest of the record's, by date

    def __repr__(self) -> str:
        return "Card(...)"


@dataclass(frozen=True, slots=True)
class NoCard:
    """Nothing can be signed of this record."""

    reason: LeftOut


class Cards(Protocol):
    """Signs SMART Health Cards, publishes the keys that verify them and the lists of those that are revoked."""

    def issue(self, record: VaccineRecord, group: str) -> Card | NoCard:
        """Sign the record's doses, as much of them as fits. All are of this one vaccine group.

        Needs at least one dose.
        """

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public keys, as `/.well-known/jwks.json` serves them."""

    def crl(self, kid: str) -> dict[str, Any] | None:
        """The revocation list of a public key, as `/.well-known/crl/<kid>.json` serves it; None for another kid."""


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

    def ping(self) -> None:
        """Raise StoreUnavailable unless the store answers now."""


class Jobs(Protocol):
    """Takes slow work to the worker, at least once."""

    def enqueue(self, session_key: str, work_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """What the right PIN opened."""

    content: bytes
    seconds_left: int

    def __repr__(self) -> str:
        return "Opened(...)"


@dataclass(frozen=True, slots=True)
class WrongPin:
    tries_left: int  # at least 1


class LinkGone(Exception):
    """Unknown, expired or burnt: nobody is told which."""


class LinkBusy(Exception):
    """Too many PINs are being evaluated. No try was counted."""


class Links(Protocol):
    """Keeps what a PIN-protected link opens."""

    def seal(self, content: bytes, pin: str, *, language: str) -> str:
        """Store the content so that only token and PIN together open it; return the token."""

    def language(self, token: str) -> str:
        """The language of a link that still works; changes nothing. Raises LinkGone."""

    def open(self, token: str, pin: str) -> Opened | WrongPin:
        """Evaluate a PIN; a wrong one costs a try. Raises LinkGone or LinkBusy."""


class Media(Protocol):
    """Keeps files for some minutes at addresses that nobody can guess."""

    def mint(self, content: bytes, suffix: str) -> str:
        """Store a file and return its token. Its ten minutes begin now."""

    def prepare(self, content: bytes, suffix: str) -> str:
        """Store a file for a message that is still to be sent; its ten minutes begin with `hand_over`."""

    def hand_over(self, token: str, suffix: str) -> None: ...

    def read(self, token: str, suffix: str) -> bytes | None:
        """The file, or None: unknown, expired or asked for under another suffix."""


class Lookups(Protocol):
    """Counts registry lookups, so that nobody can guess a way through it."""

    def allow(self, phone: str, work_id: str) -> bool:
        """Count this lookup for the sender, then say whether it may happen. The same work counts once."""


class Locks(Protocol):
    """Keeps two workers from doing one piece of work at the same time."""

    def hold(self, name: str) -> AbstractContextManager[bool]:
        """Whether it is ours now. Ends with the block, or by itself some seconds after we die."""


class Flows(Protocol):
    """The conversation as staff have it on disk now, and the steps of those who began before a change."""

    def current(self) -> Flow:
        """The last flow that was found sound."""

    def older(self, structure: str) -> Flow | None:
        """The steps of an older structure in today's words, or None if nobody knows it any more."""

    def problems(self) -> int:
        """How many errors keep the files on disk from being used; 0 if they are in use."""


class Structures(Protocol):
    """Keeps the files of every structure that somebody may still stand in."""

    def publish(self, structure: str, files: Mapping[str, str]) -> None: ...

    def files(self, structure: str) -> Mapping[str, str] | None: ...

    def live(self) -> Mapping[str, str] | None:
        """The files that were published last, by whichever process."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a turn and a job need; `wiring.py` fills it."""

    flows: Flows
    sessions: Sessions
    jobs: Jobs
    links: Links
    media: Media
    lookups: Lookups
    locks: Locks
    iis: IIS
    cards: Cards
    delivery: Delivery
    public_url: str  # without a slash at the end
    now: Callable[[], float]  # seconds since 1970

    @property
    def flow(self) -> Flow:
        return self.flows.current()
