"""Whole conversations as plain text (`chats/*.chat`): read, checked against a flow, and held against a running bot."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from bot.conversation import menus
from bot.conversation.flow import Flow, State
from bot.conversation.problems import Problem, did_you_mean
from bot.conversation.shape import DURATION, SECONDS
from bot.conversation.wording import BLANK, fill

COMMENT = re.compile(r"(^|\s{2,})#.*$")  # a single space before # is part of a text
FROM = re.compile(r"as (\+[1-9]\d{6,14})(\s+record [a-z0-9-]+)?")
ELSEWHERE = re.compile(r"<< (\S+) (\S+)")
COMMANDS = ("repeat", "work", "media", "wait")
SILENCE = "(silence)"


@dataclass(frozen=True, slots=True)
class Line:
    """One line that does or expects something."""

    number: int
    kind: str  # "text", "reply", "elsewhere", "language" or a command
    value: str = ""  # what is texted, the name of the text expected, a language, or seconds
    to: str = ""  # the other contact


@dataclass(frozen=True, slots=True)
class Transcript:
    file: str
    phone: str  # E.164
    lines: tuple[Line, ...]


class TranscriptBroken(Exception):
    """The file cannot be followed. Carries every problem."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


class ConversationDiffers(AssertionError):
    """The bot said something else. The message is for staff."""


class Bot(Protocol):
    """What a transcript is held against."""

    def text(self, body: str, *, media: bool = False) -> str | None:
        """Text it; its reply, None for silence."""

    def repeat(self) -> str | None:
        """The last text again, as Twilio repeats a webhook."""

    def wait(self, seconds: int) -> None: ...

    def work(self) -> None:
        """Do what is queued."""

    def sent(self) -> list[tuple[str, str]]:
        """Every message sent so far, apart from replies: to whom, and its text."""


# Reading


def parse(file: str, text: str) -> Transcript:
    """Raises TranscriptBroken."""
    phone, lines, problems = "", [], []
    for number, raw in enumerate(text.splitlines(), 1):
        if not (line := COMMENT.sub("", raw).rstrip()):
            continue
        if match := FROM.fullmatch(line):
            phone = phone or match[1]
        elif isinstance(found := _line(number, line), Line):
            lines.append(found)
        else:
            problems.append(Problem(file, number, 1, found))
    if not phone:
        problems.insert(0, Problem(file, 1, 1, "nobody texts; begin with a line such as: as +13605550100"))
    if problems:
        raise TranscriptBroken(problems)
    return Transcript(file, phone, tuple(lines))


def _line(number: int, line: str) -> Line | str:
    """One line read, or what is wrong with it."""
    if line == ">" or line.startswith("> "):
        return Line(number, "text", line[2:])
    if match := ELSEWHERE.fullmatch(line):
        return Line(number, "elsewhere", match[2], match[1])
    sign, _, value = line.partition(" ")
    if sign == "<" and value and " " not in value:
        return Line(number, "reply", value)
    if sign == "in" and value:
        return Line(number, "language", value)
    if sign == "!":
        return _command(number, value)
    return "expected one of: as, >, <, <<, !, in, #"


def _command(number: int, command: str) -> Line | str:
    name, _, value = command.partition(" ")
    if name not in COMMANDS:
        return f"no command '{name}' {did_you_mean(name, COMMANDS)}"
    if name != "wait":
        return Line(number, name) if not value else f"'{name}' stands alone"
    if not (match := DURATION.fullmatch(value)):
        return "write a time such as: ! wait 31m"
    return Line(number, name, str(int(match[1]) * SECONDS[match[2]]))


def check(transcript: Transcript, flow: Flow) -> list[Problem]:
    """The texts and languages that the flow does not have."""
    return [
        Problem(transcript.file, line.number, 1, problem)
        for line in transcript.lines
        for problem in _unknown(line, flow)
    ]


def _unknown(line: Line, flow: Flow) -> Iterator[str]:
    names = flow.words_in("").say
    if line.kind in ("reply", "elsewhere") and line.value not in (*names, SILENCE):
        yield f"no text named '{line.value}' {did_you_mean(line.value, names)}"
    if line.kind == "language" and line.value not in flow.languages:
        yield f"no language '{line.value}' {did_you_mean(line.value, flow.languages)}"


# Running


def run(transcript: Transcript, flow: Flow, bot: Bot) -> None:
    """Raises TranscriptBroken or ConversationDiffers."""
    if problems := check(transcript, flow):
        raise TranscriptBroken(problems)
    following = _Following(transcript, flow, bot)
    for line in transcript.lines:
        following.take(line)
    following.nothing_unread(transcript.lines[-1] if transcript.lines else Line(1, "text"))


@dataclass
class _Following:
    """How far a transcript is followed, and what was said and is not yet compared."""

    transcript: Transcript
    flow: Flow
    bot: Bot
    language: str = ""
    unread: list[tuple[str, str]] = field(default_factory=list)  # to whom, and the text
    counted: int = 0  # messages sent that were looked at

    def take(self, line: Line) -> None:
        if line.kind == "language":
            self.language = line.value
        elif line.kind in ("reply", "elsewhere"):
            self.compare(line)
        else:
            self.nothing_unread(line)
            self.act(line)

    def act(self, line: Line) -> None:
        acts: dict[str, Callable[[], str | None]] = {
            "text": lambda: self.bot.text(line.value),
            "media": lambda: self.bot.text("", media=True),
            "repeat": self.bot.repeat,
            "work": self.bot.work,
            "wait": lambda: self.bot.wait(int(line.value)),
        }
        if reply := acts[line.kind]():
            self.unread.append((self.transcript.phone, reply))
        sent = self.bot.sent()
        self.unread += sent[self.counted :]
        self.counted = len(sent)

    def compare(self, line: Line) -> None:
        to = line.to or self.transcript.phone
        came = next((message for message in self.unread if message[0] == to), None)
        if line.value == SILENCE:
            if came:
                self.fail(line, "expected silence", came[1])
            return
        if came is None:
            others = "; ".join(f"{other} got:\n{text}" for other, text in self.unread)
            self.fail(line, self._expected(line), f"(nothing) {others}".rstrip())
        elif not is_text(self.flow, self.language, line.value, came[1]):
            self.fail(line, self._expected(line), came[1])
        else:
            self.unread.remove(came)

    def nothing_unread(self, line: Line) -> None:
        if self.unread:
            to, text = self.unread[0]
            self.fail(line, f"the transcript expects nothing more for {to} before this line", text)

    def _expected(self, line: Line) -> str:
        text = self.flow.words_in(self.language).say[line.value]
        return f"expected {line.value} ({self.language or self.flow.languages[0]}):\n{_indented(text)}"

    def fail(self, line: Line, expected: str, came: str) -> None:
        place = f"{self.transcript.file}:{line.number}"
        known = name_of(self.flow, came)
        which = f" ({known})" if known else ""
        raise ConversationDiffers(f"{place}: {expected}\nbut what came is{which}:\n{_indented(came)}")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


# Comparing


def is_text(flow: Flow, language: str, name: str, came: str) -> bool:
    """Whether this is the named text with its menu; `help` and the like may have the open question below."""
    if _pattern(flow, language, name).fullmatch(came):
        return True
    return any(
        re.fullmatch(f"{_pattern(flow, language, name).pattern}\n{_pattern(flow, language, question).pattern}", came)
        for question in _questions(flow)
    )


def name_of(flow: Flow, came: str) -> str:
    """ "ask_dob in es": what a text is, for the reader of a difference."""
    return next(
        (
            f"{name} in {code}"
            for code in flow.languages
            for name in flow.words[code].say
            if is_text(flow, code, name, came)
        ),
        "",
    )


def _questions(flow: Flow) -> Iterator[str]:
    for state in flow.states.values():
        if state.kind != "end":
            yield state.say if state.waits else f"{state.say}.waiting"


def _pattern(flow: Flow, language: str, name: str) -> re.Pattern[str]:
    """The text's words exactly, anything in its blanks, and its menu as shown."""
    text = fill(flow.words_in(language).say[name], flow.values)
    words = [re.escape(part) for part in BLANK.split(text)[::2]]
    menu = [menus.show(flow, state, language, state.options) for state in _choices(flow, name)][:1]
    return re.compile("\n".join([".+".join(words), *map(re.escape, menu)]))


def _choices(flow: Flow, name: str) -> Iterator[State]:
    said = name.partition(".retry.")[0]
    return (state for state in flow.states.values() if state.kind == "choose" and state.say == said)
