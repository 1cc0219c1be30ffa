"""What happens in a conversation, and what one turn leads to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.conversation.session import Session, Work


@dataclass(frozen=True, slots=True)
class Text:
    """A resident's text."""

    body: str
    sid: str = ""  # Twilio's MessageSid
    opt_out: str = ""  # Twilio's OptOutType

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
        return f"{self.work_id}:{self.name}"


Event = Text | Outcome | Delay


@dataclass(frozen=True, slots=True)
class Turn:
    """What one event leads to. No replies: silence, on purpose."""

    session: Session
    replies: tuple[str, ...] = ()
    work: Work | None = None  # to be started by somebody else
    media_url: str = ""
    personal: bool = False  # a reply says an answer back, or is about a request that may be taken back

    @property
    def action(self) -> str | None:
        return self.work.action if self.work else None
