"""What happens in a conversation, and what one turn leads to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from bot.conversation.folding import visible
from bot.conversation.session import Session, Work, delay_id

LONGEST = 1600  # characters, as Twilio delivers them at most


@dataclass(frozen=True, slots=True)
class Text:
    """A resident's text."""

    body: str
    sid: str = ""  # Twilio's MessageSid
    opt_out: str = ""  # Twilio's OptOutType
    to: str = ""  # the number of ours that she texted
    again: bool = False  # what was last sent has perhaps not arrived, and can be sent again if she asks for it

    @classmethod
    def received(cls, body: str, sid: str, opt_out: str = "", to: str = "") -> Self:
        """What was typed, without what cannot be seen."""
        return cls(visible(body[:LONGEST]), sid, opt_out, to=to)

    def __repr__(self) -> str:
        return f"Text(sid={self.sid!r})"

    @property
    def id(self) -> str:
        return self.sid


@dataclass(frozen=True, slots=True)
class Outcome:
    """How slow work came out. `elsewhere`: the chat gets its answer now, and the work goes on."""

    work_id: str
    name: str
    values: Mapping[str, str] = field(default_factory=dict)  # for the blanks of the text
    media_url: str = ""
    elsewhere: bool = False

    def __repr__(self) -> str:
        return f"Outcome({self.name!r})"

    @property
    def id(self) -> str:
        return self.work_id


@dataclass(frozen=True, slots=True)
class Delay:
    """Slow work takes longer than was promised, and goes on."""

    work_id: str
    name: str = "delayed"

    @property
    def id(self) -> str:
        return delay_id(self.work_id)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message of ours could not be brought to this chat."""

    work_id: str  # the event whose message it was
    brought: str  # "link" or "picture", which can be sent again, or "" for any other text
    by_email: bool  # whether the link went to the email on the record instead
    attempt: int  # each is told once

    @property
    def id(self) -> str:
        return f"{self.work_id}:undelivered:{self.attempt}"


Late = Outcome | Delay | Undelivered  # what the worker tells the chat
Event = Text | Late


@dataclass(frozen=True, slots=True)
class Turn:
    """What one event leads to. No replies: silence, on purpose."""

    session: Session
    replies: tuple[str, ...] = ()
    work: Work | None = None  # to be started by somebody else
    media_url: str = ""
    personal: bool = False  # a reply says an answer back
    sends_again: bool = False  # what was last sent goes to the chat once more
    ended: str = ""  # the state in which the conversation came to its end
    refused: str = ""  # why an answer was not taken

    @property
    def action(self) -> str | None:
        return self.work.action if self.work else None
