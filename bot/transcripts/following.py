"""A transcript held against a running bot, line by line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.conversation.flow import Flow
from bot.transcripts.comparing import is_text, name_of
from bot.transcripts.reading import SILENCE, Line, Transcript, TranscriptBroken, check

Said = tuple[str, str]  # a text's name and its language


class ConversationDiffers(AssertionError):
    """The bot said something else. The message is for staff."""


class Bot(Protocol):
    """What a transcript is held against."""

    def text(self, body: str, *, media: bool = False) -> str | None:
        """Text it; its reply, None for silence."""

    def together(self, bodies: Sequence[str]) -> list[str | None]:
        """Several texts at the same moment; their replies."""

    def repeat(self) -> str | None:
        """The last text again, as Twilio repeats a webhook."""

    def wait(self, seconds: int) -> None: ...

    def work(self) -> None:
        """Do what is queued."""

    def fault(self) -> None:
        """What is queued breaks for good."""

    def registry(self, state: str) -> None:
        """ "down" or "up"."""

    def delivery(self, state: str) -> None:
        """ "failed" (the next message only), "down", "unconfirmed" or "up"."""

    def sent(self) -> list[tuple[str, str]]:
        """Every message sent so far, apart from replies: to whom, and its text."""


def run(transcript: Transcript, flow: Flow, bot: Bot) -> frozenset[Said]:
    """What was said and expected. Raises TranscriptBroken or ConversationDiffers."""
    if problems := check(transcript, flow):
        raise TranscriptBroken(problems)
    following = _Following(transcript, flow, bot)
    for line in transcript.lines:
        following.take(line)
    following.nothing_unread(transcript.lines[-1] if transcript.lines else Line(1, "text"))
    return frozenset(following.said)


@dataclass
class _Following:
    """How far a transcript is followed, and what was said and is not yet compared."""

    transcript: Transcript
    flow: Flow
    bot: Bot
    language: str = ""
    unread: list[tuple[str, str]] = field(default_factory=list)  # to whom, and the text
    counted: int = 0  # messages sent that were looked at
    any_order: bool = False
    said: set[Said] = field(default_factory=set)

    def take(self, line: Line) -> None:
        if line.kind == "language":
            self.language = line.value
        elif line.kind in ("reply", "elsewhere"):
            self.compare(line)
        else:
            self.nothing_unread(line)
            self.any_order = line.kind == "parallel"
            self.unread += [(self.transcript.phone, reply) for reply in self.act(line) if reply]
            sent = self.bot.sent()
            self.unread += sent[self.counted :]
            self.counted = len(sent)

    def act(self, line: Line) -> Sequence[str | None]:
        """Do what the line says; the replies."""
        replies: dict[str, Callable[[], Sequence[str | None]]] = {
            "text": lambda: [self.bot.text(line.value)],
            "parallel": lambda: self.bot.together(line.together),
            "media": lambda: [self.bot.text("", media=True)],
            "repeat": lambda: [self.bot.repeat()],
        }
        acts: dict[str, Callable[[], None]] = {
            "work": self.bot.work,
            "fault": self.bot.fault,
            "wait": lambda: self.bot.wait(int(line.value)),
            "registry": lambda: self.bot.registry(line.value),
            "delivery": lambda: self.bot.delivery(line.value),
        }
        if line.kind in replies:
            return replies[line.kind]()
        acts[line.kind]()
        return ()

    def compare(self, line: Line) -> None:
        to = line.to or self.transcript.phone
        came = [message for message in self.unread if message[0] == to]
        if line.value == SILENCE:
            if came:
                self.fail(line, "expected silence", came[0][1])
            return
        looked_at = came if self.any_order else came[:1]
        found = next((message for message in looked_at if self._is(line.value, message[1])), None)
        if found:
            self.unread.remove(found)
            self.said.add((line.value, self.language or self.flow.languages[0]))
        else:
            self.fail(line, self._expected(line), came[0][1] if came else self._nothing())

    def nothing_unread(self, line: Line) -> None:
        if self.unread:
            to, text = self.unread[0]
            self.fail(line, f"the transcript expects nothing more for {to} before this line", text)

    def _is(self, name: str, came: str) -> bool:
        return is_text(self.flow, self.language, name, came)

    def _nothing(self) -> str:
        others = "; ".join(f"{other} got:\n{text}" for other, text in self.unread)
        return f"(nothing) {others}".rstrip()

    def _expected(self, line: Line) -> str:
        text = self.flow.words_in(self.language).say[line.value]
        to = f" to {line.to}" if line.to else ""
        return f"expected {line.value} ({self.language or self.flow.languages[0]}){to}:\n{_indented(text)}"

    def fail(self, line: Line, expected: str, came: str) -> None:
        place = f"{self.transcript.file}:{line.number}"
        name, language = name_of(self.flow, came, self.language)
        which = f" ({name} in {language})" if name else ""
        raise ConversationDiffers(f"{place}: {expected}\nbut what came is{which}:\n{_indented(came)}")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
