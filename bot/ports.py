"""What we need from the world, each with its promise. `wiring.py` chooses who keeps it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Protocol

from bot.audit.entry import Entry
from bot.audit.key import AuditKey
from bot.conversation.flow import Flow
from bot.conversation.session import Session
from bot.funnel.fields import Field
from bot.limits.table import Rule
from bot.outbox.delivery import Delivery, Message, Report, Route
from bot.records import Demographics, Immunization, VaccineRecord


class IISUnavailable(Exception):
    """The registry did not answer. Try again later. Carries no personal data."""

    def __init__(self, reason: str = "", *, retry_after: float | None = None) -> None:
        """`retry_after`: the seconds after which the registry wants to be asked again, if it says so."""
        super().__init__(reason)
        self.retry_after = retry_after


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
    WRONG_DATE = "wrong_date"  # nobody got this vaccine then, or it only fills a form
    WRONG_BIRTH_DATE = "wrong_birth_date"  # nobody living was born then
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
class Refused:
    """That a registry did not let us in."""

    reason: str  # in our words
    may_try: bool  # this question tries again, and no other until it ends


class Refusals(Protocol):
    """Remembers that a registry did not let us in, for all who ask it as the same user. All raise StoreUnavailable."""

    def claim(self, seconds: float) -> Refused | None:
        """None: ask. Of those who may try again only one is told so, for `seconds` or until it says what came of it."""

    def add(self, reason: str, *, times: int, rest: float) -> float:
        """One more in a row; the seconds in which nobody is to ask: `rest` from the one on that makes it `times`."""

    def forget(self) -> None:
        """We were let in."""


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

    def signing_since(self) -> float:
        """When the key that signs now was made, in seconds since 1970."""

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public keys, as `/.well-known/jwks.json` serves them."""

    def crl(self, kid: str) -> dict[str, Any] | None:
        """The revocation list of a public key, as `/.well-known/crl/<kid>.json` serves it; None for another kid."""

    def is_revoked(self, card: str) -> bool:
        """Whether readers are to refuse a card that we signed: it or its key was taken back. So is what is no card."""


class DeliveryUnavailable(Exception):
    """The carrier or mail server certainly did not take the message, or cannot be asked now. Try again later."""

    def __init__(self, reason: str = "", *, is_general: bool = True) -> None:
        """`is_general`: it would have been the same for every message, whoever it is for."""
        super().__init__(reason)
        self.is_general = is_general


class DeliveryUncertain(Exception):
    """Nobody knows whether the carrier or mail server took the message. Ask before sending it again."""


class DeliveryRefused(Exception):
    """The message will never arrive: opted out, a landline, no such address. `code` is the provider's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Carrier(Protocol):
    """A way to bring a message to a phone or a mailbox. Answers within its own timeouts, in less than 30 seconds."""

    def route(self, message: Message, *, booked: str = "", tried: str = "") -> Route:
        """By which sender it is to go, and when: `send`, `find` and `status` want it in the message's `sender`.

        `booked`: the sender of the route that was given before, if its time has come; `tried`: the one that did not
        take the message. Raises StoreUnavailable.
        """

    def send(self, message: Message) -> Report:
        """Hand the message over, and say how far it is. Raises DeliveryUnavailable, -Uncertain or -Refused."""

    def find(self, message: Message, *, since: float, known: Collection[str]) -> Report | None:
        """What became of a message that was perhaps taken since then; None: it was not, or nobody can know.

        `known` are provider ids of other messages. Raises DeliveryUnavailable.
        """

    def status(self, message: Message, provider_id: str) -> Report | None:
        """What became of a message that was taken; None if nobody can know. Raises DeliveryUnavailable."""


class Healths(Protocol):
    """How well providers take messages, as all processes see it together; without Redis, as it was last known."""

    def percent(self, provider: str) -> int:
        """What is left to a provider of its own share of the messages: never nothing, 100 if it is well."""

    def note(self, provider: str, outcome: Literal["well", "slow", "error"]) -> None:
        """How it took one message."""


@dataclass(frozen=True, slots=True)
class Pace:
    """A sender of ours, and how many segments go by it in a second."""

    sender: str
    rate: float


class Timetable(Protocol):
    """Gives every message its time at a sender, so that none is asked for more than its carriers take."""

    def book(self, first: Pace, others: Sequence[Pace], *, segments: int, patience: float) -> Route:
        """The time at the first, or if that is more than `patience` seconds away, at whichever is free the soonest.

        It is taken from then on. Raises StoreUnavailable.
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


@dataclass(frozen=True, slots=True)
class Counted:
    """What a save adds one to, for the funnel."""

    day: str  # 2026-11-25, UTC
    fields: Sequence[Field]


class Funnel(Protocol):
    """How far people came, by day, without anything of one of them."""

    def read(self, days: Sequence[str]) -> Mapping[str, Mapping[Field, int]]: ...


Wish = Literal["", "stop", "back"]  # of who texts: nothing more that others ask for, or that she takes it again


@dataclass(frozen=True, slots=True)
class Besides:
    """What is saved together with a turn or a delivery, besides."""

    audited: Sequence[bytes] = ()  # entries for the audit trail, as `Audit.sealed` gives them
    erase: Sequence[str] = ()  # what is to be erased at the carrier, by name
    erase_at: float = 0.0  # not before then
    now: float = 0.0
    wish: Wish = ""  # of the session's phone, for `Stops`


NOTHING_BESIDES = Besides()


class Sessions(Protocol):
    """Keeps one encrypted session for each phone."""

    def key(self, phone: str) -> str:
        """The store's name for a phone: stable, and telling nothing of the number."""

    def load(self, key: str, phone: str = "") -> Loaded:
        """`key`: as it was given once, perhaps before its keys were changed. `phone`: look for all names of it, too."""

    def save(
        self,
        key: str,
        session: Session,
        stamp: bytes,
        ttl: int,
        *,
        ends_at: float | None = None,
        post: Sequence[Delivery] = (),
        void: Collection[str] = (),
        counted: Counted | None = None,
        heard: Collection[str] = (),
        now: float = 0.0,
        besides: Besides = NOTHING_BESIDES,
    ) -> None:
        """Save if the stored session still has this stamp, and all of it or nothing. Raises SessionConflict.

        `ttl` in seconds; `ends_at`: when the conversation is over without another text; `post`: messages for the
        outbox, each of which is taken once; `void`: ids of deliveries that are taken back; `counted`: for the funnel;
        `heard`: MessageSids of texts that have their turn with this, `now`, for `Heard`.
        """

    def ended(self, now: float, most: int) -> list[str]:
        """The keys of conversations that are over, for this caller alone for some seconds."""

    def forget_end(self, key: str) -> bool:
        """The session is gone: whether its end was still to be noted, and by this caller."""


@dataclass(frozen=True, slots=True)
class Change:
    """A delivery before and after it was changed; the same twice if there was nothing to change."""

    before: Delivery
    after: Delivery

    @property
    def made(self) -> bool:
        return self.before != self.after


class Deliveries(Protocol):
    """Keeps every message of ours, encrypted, until its end. `Sessions.save` puts them in."""

    def load(self, delivery_id: str) -> Delivery | None: ...

    def claim(self, now: float, most: int) -> list[Delivery]:
        """Those at which somebody must look now, for this caller alone for LEASE seconds."""

    def update(
        self,
        delivery_id: str,
        decide: Callable[[Delivery], Delivery],
        post: Sequence[Delivery] = (),
        besides: Callable[[Change], Besides] = lambda _: NOTHING_BESIDES,
    ) -> Change | None:
        """Load, decide and save until nobody else saved in between; None if it is gone.

        `post`: messages that go to the outbox with the change, if there is one; each is taken once. `besides`: what is
        saved with the change besides.
        """


@dataclass(frozen=True, slots=True)
class Listed:
    """A text to our number, as the carrier's own list has it."""

    sid: str
    sender: str  # E.164
    body: str
    at: float  # seconds since 1970, by the carrier's clock, which may leave out parts of a second
    to: str = ""  # our number

    def __repr__(self) -> str:
        return f"Listed(sid={self.sid!r})"


class InboxUnavailable(Exception):
    """The carrier cannot be asked now. Try again later."""


class Inbox(Protocol):
    """The carrier's own list of what was texted to us, whether it reached us or not."""

    def pages(self) -> Iterator[list[Listed]]:
        """Page by page, the newest first; only texts from phones. Raises InboxUnavailable at any page."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How far the carrier's list was compared with what we heard."""

    until: float  # every text up to then had its turn
    at: float  # when that was looked at last


class Heard(Protocol):
    """Remembers, longer than any session, which texts had their turn. `Sessions.save` puts them in."""

    def known(self, sids: Collection[str], since: float, now: float) -> set[str]:
        """Those of these texts that had their turn between then and now."""

    def add(self, sid: str, now: float) -> None:
        """This text has its turn, which changes no session."""

    def swept(self) -> Swept | None:
        """None: nobody ever looked, or too long ago to go on from there."""

    def note(self, swept: Swept) -> None: ...


class Stops(Protocol):
    """Remembers which phones want nothing that others ask for. `Sessions.save` puts them in and takes them out."""

    def has(self, contact: str) -> bool:
        """Whether this phone said STOP, and has not come back since; never of an email. Raises StoreUnavailable."""


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


class LinkRests(LinkGone):
    """Too many wrong PINs in a row for its record: it does not open before its rest is over."""


class LinkBusy(Exception):
    """Too many PINs are being evaluated. No try was counted."""


class Links(Protocol):
    """Keeps what a PIN-protected link opens. That it was opened, or burnt, goes to the audit trail."""

    def seal(self, content: bytes, pin: str, *, language: str, record: str = "", request: str = "") -> str:
        """Store the content so that only token and PIN together open it; return the token.

        `record`: the registry's id of whose it is; wrong PINs are counted over all her links. `request`: the
        pseudonym of what asked for it.
        """

    def rests(self, record: str) -> bool:
        """Whether no link is to be made for her, after too many wrong PINs in a row."""

    def spelled(self, text: str) -> str:
        """The one spelling of a token that somebody retyped; "" for what is no token. Says not whether it is known."""

    def language(self, token: str) -> str:
        """The language of a link that still works; changes nothing. Raises LinkGone."""

    def open(self, token: str, pin: str) -> Opened | WrongPin:
        """Evaluate a PIN; a wrong one costs a try. Raises LinkGone, LinkRests or LinkBusy."""


class Media(Protocol):
    """Keeps files for some minutes at addresses that nobody can guess."""

    life: int  # seconds

    def mint(self, content: bytes, suffix: str) -> str:
        """Store a file and return its token. Its ten minutes begin now."""

    def keep(self, token: str, content: bytes, suffix: str) -> None:
        """Store another file under a token that was minted, for ten minutes from now."""

    def prepare(self, content: bytes, suffix: str) -> str:
        """Store a file for a message that is still to be sent; its ten minutes begin with `hand_over`."""

    def hand_over(self, token: str, suffix: str) -> None: ...

    def take_back(self, token: str, suffix: str) -> bool:
        """The message is sent once more: whether the file is still there. It waits for `hand_over` again."""

    def read(self, token: str, suffix: str) -> bytes | None:
        """The file, or None: unknown, expired or asked for under another suffix."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One more that is to be counted for a limit."""

    limit: str
    rules: Sequence[Rule]  # all of them hold
    per: tuple[str, ...]  # of whom or what: personal, and nowhere kept as it is
    watches: bool = False  # it is said when it is reached, and stops nothing

    def __repr__(self) -> str:
        return f"Ask({self.limit!r})"


@dataclass(frozen=True, slots=True)
class Admitted:
    """What the limits said."""

    reached: frozenset[str]  # their names
    refused: bool  # one that does not only watch is reached, and nothing was counted
    wait: int  # seconds until all that are reached begin anew
    texts: int  # that were sent in the last hour, with these


class Limits(Protocol):
    """Counts what could be used to guess, flood or spend. All of it raises StoreUnavailable."""

    def take(self, cause: str, asks: Sequence[Ask], *, texts: int = 0, now: float) -> Admitted:
        """Count this cause for all of them or none, then say what is reached. The same cause counts once.

        `texts`: so many are sent for it, if it is counted. Without any asks they are counted each time. `now` says to
        which day's `reached` it belongs, and nothing else: what is allowed goes by one clock for all machines.
        """

    def give_back(self, cause: str, asks: Sequence[Ask]) -> None:
        """It was none of these after all."""

    def note(self, limit: str, now: float) -> None:
        """One was reached that is counted elsewhere."""

    def reached(self, now: float) -> Mapping[str, int]:
        """How often each was reached on that day."""

    def texts(self) -> int:
        """That were sent in the last hour."""

    def free(self, asks: Sequence[Ask]) -> None:
        """All that was counted for these begins anew."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits to be written into the audit trail."""

    entries: int
    oldest: float  # seconds since it happened; 0: nothing waits


class Audit(Protocol):
    """Keeps what is to go into the audit trail until it is there. All of it may raise StoreUnavailable."""

    key: AuditKey  # gives the pseudonyms

    def sealed(self, entry: Entry) -> bytes: ...

    def pages(self) -> Iterator[Sequence[tuple[str, Entry]]]:
        """All that waits, page by page, the oldest first, each entry under the name that `done` takes."""

    def done(self, names: Sequence[str]) -> None:
        """These are written: they wait no more."""

    def backlog(self) -> Backlog: ...


class TrailUnavailable(Exception):
    """The audit trail's database does not take or give anything now. Nothing is lost. Carries no personal data."""


class Trail(Protocol):
    """The audit trail itself: rows are added, and after six years removed. All of it may raise TrailUnavailable."""

    def write(self, entries: Sequence[Entry]) -> int:
        """Add those that are not there yet, all or none; how many."""

    def purge(self, now: float) -> int:
        """Remove what is older than six years; how many rows."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """Something that is to be erased at the carrier, such as "inbound:SM...", "outbound:SM..." or "media:MM..."."""

    name: str
    since: float  # seconds since 1970


class Erasures(Protocol):
    """Remembers what is still to be erased. `Sessions.save` and `Deliveries.update` put in what goes with them."""

    def add(self, name: str, *, since: float, at: float) -> None:
        """Not before `at`; from `since` on it is tried for a day. What waits already stays as it is."""

    def claim(self, now: float, most: int) -> Sequence[Erasure]:
        """Those that are due, for this caller alone for some minutes."""

    def done(self, name: str) -> None: ...

    def put_off(self, name: str, until: float) -> None: ...

    def waiting(self) -> int: ...


class EraseLater(Exception):
    """It could not be erased now: the carrier still works with it, or does not answer. Try again later."""


class Eraser(Protocol):
    """Erases at the carrier what it keeps of residents."""

    def erase(self, kind: str, sid: str) -> None:
        """A message with its pictures, or of "media" the pictures alone; gone already is as good. Raises EraseLater."""


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
class Waiting:
    """What waits in the outbox and in the queue. Ages in seconds; 0 where nothing waits."""

    deliveries: int  # all that are not over, also those whose arrival is not confirmed yet
    oldest_delivery: float  # of those that no carrier has taken yet, also those whose sender has no time for them
    jobs: int
    oldest_job: float  # since a resident asked for it


@dataclass(frozen=True, slots=True)
class Memory:
    used: int  # bytes
    most: int  # bytes; 0: no limit


@dataclass(frozen=True, slots=True)
class Beat:
    """What a worker says of itself every few seconds. Times in seconds since 1970."""

    at: float
    worked_at: float = 0.0  # when it last ended a piece of work or attended to a message; 0: not yet
    registry: str = "unknown"  # "closed": it is asked; "open": it is left in peace; "half-open": one question tries


class Vitals(Protocol):
    """How the store and the workers are. All of it raises StoreUnavailable."""

    def check(self) -> None:
        """Unless the store takes a value and gives it back now."""

    def waiting(self, now: float) -> Waiting: ...

    def memory(self) -> Memory: ...

    def beat(self, worker: str, beat: Beat) -> None:
        """Take in what a worker says; it is forgotten some minutes after the last."""

    def workers(self, now: float) -> list[Beat]: ...

    def leave(self, worker: str) -> None:
        """This worker has ended."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a turn and a job need; `wiring.py` fills it."""

    flows: Flows
    sessions: Sessions
    jobs: Jobs
    links: Links
    media: Media
    limits: Limits
    locks: Locks
    iis: IIS
    cards: Cards
    deliveries: Deliveries
    carrier: Carrier
    vitals: Vitals
    funnel: Funnel
    heard: Heard
    stops: Stops
    audit: Audit
    trail: Trail
    erasures: Erasures
    public_url: str  # without a slash at the end
    now: Callable[[], float]  # seconds since 1970
    who: Callable[[str, float], str] = lambda phone, now: ""
    inboxes: Sequence[Inbox] = ()  # of our numbers; none: there is no carrier whose list could be read
    answer_within: float = 3600.0  # seconds after which a text is too old to be answered as if it had just come
    eraser: Eraser | None = None  # None: nothing is kept at a carrier
    shares: Callable[[], Mapping[str, int]] = dict  # what each provider has left of its share in percent, by its number
    erases: frozenset[str] = frozenset()  # of "inbound", "outbound" and "media": what is to be erased there

    @property
    def flow(self) -> Flow:
        return self.flows.current()
