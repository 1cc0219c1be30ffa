"""A conversation that somebody had, written as a transcript: names of texts instead of their words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.conversation import carrier
from bot.conversation.engine import advance
from bot.conversation.events import Text
from bot.conversation.flow import Flow
from bot.conversation.session import Session
from bot.transcripts.comparing import name_of
from bot.transcripts.reading import SILENCE

PAUSE = 60  # seconds that are worth a line of their own


@dataclass(frozen=True, slots=True)
class Texted:
    """A text and its reply, None for silence."""

    at: float  # seconds since 1970
    body: str
    reply: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was sent later, to whomever."""

    at: float
    to: str
    body: str


class BeganEarlier(Exception):
    """It begins in the middle of a conversation: nobody could have it again from what is here."""


def write(flow: Flow, phone: str, events: Iterable[Texted | Sent], record: str = "") -> str:
    """The text of a .chat file, from the first beginning on. `record`: the key of the demo person who texts.

    Raises BeganEarlier.
    """
    writing, in_order = _Writing(flow, phone), sorted(events, key=lambda event: event.at)
    lines = [line for event in in_order[_beginning(flow, in_order) :] for line in writing.lines(event)]
    head = [
        "# Saved from the phone page. Say here what it shows, and put it into the flow's folder chats/.",
        f"as {phone}" + (f"  record {record}" if record else ""),
    ]
    return "\n".join([*head, *lines, ""])


def _beginning(flow: Flow, events: Sequence[Texted | Sent]) -> int:
    """The first text that was answered as a stranger's is: before it this phone was in another conversation."""
    for number, event in enumerate(events):
        if isinstance(event, Texted) and carrier.meaning(event.body) != "help":  # its silence tells nothing
            stranger = advance(flow, Session(phone=""), Text(event.body), now=event.at)
            if (event.reply or "") == "\n".join(stranger.replies):
                return number
    raise BeganEarlier


@dataclass
class _Writing:
    """How far a conversation is written down."""

    flow: Flow
    phone: str
    language: str = ""
    at: float = 0.0
    working: bool = False  # whether the last line is about work that was done
    bodies: list[str] = field(default_factory=list)

    def lines(self, event: Texted | Sent) -> Iterator[str]:
        if isinstance(event, Sent):
            yield from self.sent(event)
            return
        yield from self.pause(event.at)
        body = " ".join(event.body.split())
        yield f"> {body}".rstrip()
        self.bodies.append(body)
        self.working = False
        yield from self.text(event.reply, "<")

    def sent(self, event: Sent) -> Iterator[str]:
        """Ours if it came to the chat, or to a contact that was named in it."""
        name, _ = name_of(self.flow, event.body, self.language)
        ours = event.to == self.phone and not self.is_for_elsewhere(name)
        named = event.to != self.phone and any(_names(body, event.to) for body in self.bodies)
        if not ours and not named:
            return
        yield from self.pause(event.at)
        if not self.working:
            yield "! work"
        self.working = True
        yield from self.text(event.body, "<" if ours else f"<< {event.to}")

    def is_for_elsewhere(self, name: str) -> bool:
        """A text that work itself sends, named for its action: it comes from another phone's conversation."""
        actions = {state.subject for state in self.flow.states.values() if state.kind == "do"}
        return name.partition(".")[0] in actions

    def pause(self, at: float) -> Iterator[str]:
        seconds = int(at - self.at) if self.at else 0
        if seconds >= PAUSE:
            yield f"! wait {min(seconds, 99999)}s"
        self.at = at

    def text(self, came: str | None, sign: str) -> Iterator[str]:
        if came is None:
            yield f"{sign} {SILENCE}"
            return
        name, language = name_of(self.flow, came, self.language)
        if not name:
            yield "# what came here is no text of this flow"
            return
        if language != (self.language or self.flow.languages[0]):
            yield f"in {language}"
        self.language = language
        yield f"{sign} {name}"


def _names(body: str, contact: str) -> bool:
    if "@" in contact:
        return contact.casefold() in body.casefold()
    return contact[-10:] in "".join(character for character in body if character.isdecimal())
