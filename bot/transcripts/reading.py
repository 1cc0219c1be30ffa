"""A transcript's lines: what each does or expects. How to write them: flows/vaccine_record/chats/README.md."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bot.conversation.flow import Flow
from bot.conversation.problems import Problem, did_you_mean
from bot.conversation.shape import DURATION, LANGUAGE, SECONDS

COMMENT = re.compile(r"(^|(?<=\s\s))#.*$")  # a single space before # is part of a text
FROM = re.compile(r"as (\+[1-9]\d{6,14})(\s+record [a-z0-9-]+)?")
ELSEWHERE = re.compile(r"<< (\S+) (\S+)")
COMMANDS: Mapping[str, tuple[str, ...]] = {  # what may stand behind each
    "repeat": (),
    "parallel": (),
    "wait": ("31m",),
    "media": (),
    "work": (),
    "fault": (),
    "registry": ("down", "up"),
    "delivery": ("failed", "down", "unconfirmed", "up"),
}
SILENCE = "(silence)"


@dataclass(frozen=True, slots=True)
class Line:
    """One line that does or expects something."""

    number: int
    kind: str  # "text", "reply", "elsewhere", "language" or a command
    value: str = ""  # what is texted, the name of the text expected, a language, seconds, "up" or "down"
    to: str = ""  # the other contact
    together: tuple[str, ...] = ()  # what is texted at the same moment


@dataclass(frozen=True, slots=True)
class Transcript:
    file: str
    phone: str  # E.164
    lines: tuple[Line, ...]
    needs: tuple[str, ...] = ()  # languages without which it is not for this flow


class TranscriptBroken(Exception):
    """The file cannot be followed. Carries every problem."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


def parse(file: str, text: str) -> Transcript:
    """Raises TranscriptBroken."""
    phone, needs, lines, problems = "", [], [], []
    for number, raw in enumerate(text.splitlines(), 1):
        if not (line := COMMENT.sub("", raw).rstrip()):
            continue
        if match := FROM.fullmatch(line):
            phone = phone or match[1]
        elif line.startswith("needs ") and LANGUAGE.fullmatch(line[6:]):
            needs.append(line[6:])
        elif isinstance(found := _line(number, line), Line):
            lines.append(found)
        else:
            problems.append(Problem(file, number, 1, found))
    if not phone:
        problems.insert(0, Problem(file, 1, 1, "nobody texts; begin with a line such as: as +13605550100"))
    lines = list(_gathered(lines))
    problems += [Problem(file, line.number, 1, problem) for line in lines for problem in _alone(line)]
    if problems:
        raise TranscriptBroken(sorted(problems))
    return Transcript(file, phone, tuple(lines), tuple(needs))


def check(transcript: Transcript, flow: Flow) -> list[Problem]:
    """The texts and languages that the flow does not have."""
    return [
        Problem(transcript.file, line.number, 1, problem)
        for line in transcript.lines
        for problem in _unknown(line, flow)
    ]


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
    return "expected one of: as, needs, >, <, <<, !, in, #"


def _command(number: int, command: str) -> Line | str:
    name, _, value = command.partition(" ")
    if name not in COMMANDS:
        return f"no command '{name}' {did_you_mean(name, COMMANDS)}"
    if name == "wait":
        match = DURATION.fullmatch(value)
        return Line(number, name, str(int(match[1]) * SECONDS[match[2]])) if match else "write a time: ! wait 31m"
    if value in (COMMANDS[name] or ("",)):
        return Line(number, name, value)
    return (
        f"write one of: {', '.join(f'! {name} {v}' for v in COMMANDS[name])}"
        if COMMANDS[name]
        else (f"'{name}' stands alone")
    )


def _gathered(lines: list[Line]) -> Iterator[Line]:
    """`parallel` with the texts that stand right below it."""
    waiting: Line | None = None
    for line in lines:
        if waiting and line.kind == "text":
            waiting = replace(waiting, together=(*waiting.together, line.value))
            continue
        if waiting:
            yield waiting
        waiting = line if line.kind == "parallel" else None
        if not waiting:
            yield line
    if waiting:
        yield waiting


def _alone(line: Line) -> Iterator[str]:
    if line.kind == "parallel" and len(line.together) < 2:
        yield "write two or more texts below it, such as: > Ana"


def _unknown(line: Line, flow: Flow) -> Iterator[str]:
    names = flow.words_in("").say
    if line.kind in ("reply", "elsewhere") and line.value not in (*names, SILENCE):
        yield f"no text named '{line.value}' {did_you_mean(line.value, names)}"
    if line.kind == "language" and line.value not in flow.languages:
        yield f"no language '{line.value}' {did_you_mean(line.value, flow.languages)}"
