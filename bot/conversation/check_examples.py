"""Checks the examples in prompts: whoever copies one must be understood, and no example is a secret."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date

from bot.conversation.answers import CHECKS, Asked, Clean, Wrong
from bot.conversation.check_facts import Facts
from bot.conversation.flow import State, Words
from bot.conversation.folding import ascii_digits
from bot.conversation.problems import Problem, Source
from bot.conversation.shape import WordsShape

TODAY = date(2026, 1, 1)  # any day will do: nothing here reads the clock
SENDER = "+12025550173"
YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")
SHORT_DATE = re.compile(r"(?<![\d/.-])\d{1,4}([/.-])\d{1,2}\1\d{1,4}(?![\d/.-]*\d)")
PIECE = re.compile(r"\d+|[^\W\d_]")  # numbers, and letters one by one: not every script has spaces
LETTERS = re.compile(r"[^\W\d_]+")
EMAIL = re.compile(r"[A-Za-z0-9._%+-]*@+[A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)*")
PHONE = re.compile(r"\+?\(?\d[\d ().-]{5,}\d")
FOUR = re.compile(r"(?<!\d)\d{4}(?!\d)")
NAME = re.compile(
    r"(?:for example|such as|por ejemplo|halimbawa|ví dụ|例如|比如|예를 들어|예:|مثلا|مثل)[\s:,]*([^.;:!?()\n。]+)",
    re.IGNORECASE,
)
Try = Callable[[str], Clean | Wrong]


def check(facts: Facts) -> Iterator[Problem]:
    if not facts.sound:  # a check with wrong settings cannot be asked
        return
    for code, (source, words) in facts.words.items():
        told: set[tuple[str, str]] = set()
        for state in facts.states.values():
            if state.kind != "ask" or state.check not in FINDERS or (state.say, state.check) in told:
                continue
            told.add((state.say, state.check))
            yield from _state(facts, code, source, words, state)


def _state(facts: Facts, code: str, source: Source, words: WordsShape, state: State) -> Iterator[Problem]:
    asked = _asked(facts, code, words, state)
    tried: dict[str, Clean | Wrong] = {}

    def attempt(text: str) -> Clean | Wrong:
        if text not in tried:
            tried[text] = CHECKS[state.check].run(text, asked)
        return tried[text]

    for name, text in words.say.items():
        if name == state.say or name.startswith(f"{state.say}.retry."):
            code_of_retry = name.removeprefix(state.say).removeprefix(".retry.").partition(".")[0]
            for example in FINDERS[state.check](text, attempt, code_of_retry):
                yield source.problem(("say", name), example)


def _refused(example: str) -> str:
    return f"who copies the example '{example}' would be told that it is wrong; give one that is accepted"


def _dates(text: str, attempt: Try, code: str) -> Iterator[str]:
    """Around every year, and in every 3/27/85, there must be a date that can be read."""
    plain = ascii_digits(text)
    for short in SHORT_DATE.finditer(plain):
        if not isinstance(attempt(short[0]), Clean):
            yield _refused(short[0])
    for year in YEAR.finditer(SHORT_DATE.sub(lambda short: "/" * len(short[0]), plain)):
        around = list(_around(plain, year.start(), year.end()))
        if around and not any(isinstance(attempt(window), Clean) for window in around):
            yield _refused(max(around, key=len))


def _around(text: str, start: int, end: int) -> Iterator[str]:
    """Pieces of the sentence that hold the year and one or two other numbers, likely ones first."""
    left = max((text.rfind(sign, 0, start) for sign in ":;!?()\n"), default=-1) + 1
    right = min((at for sign in ":;!?()\n" if (at := text.find(sign, end)) >= 0), default=len(text))
    numbers = [m for m in re.finditer(r"\d+", text[left:right]) if len(m[0]) <= 2]
    near = [m for m in numbers if m.end() + left > start - 25 and m.start() + left < end + 25]
    for number in near:
        first, last = min(number.start() + left, start), max(number.end() + left, end)
        for begin in _starts(text, left, first):
            for finish in _ends(text, last, right):
                yield text[begin:finish].strip(" ,.-")


def _starts(text: str, left: int, first: int) -> list[int]:
    words = [m.start() + left for m in LETTERS.finditer(text[left:first])]
    return [first, *reversed(words[-2:])]


def _ends(text: str, last: int, right: int) -> list[int]:
    """After the number, its sign (日, 일) and a word or two."""
    words = [m.end() + last for m in LETTERS.finditer(text[last:right])]
    signs = [last + 1] if last < right and text[last].isalpha() else []
    return [last, *signs, *words[:2]]


def _contacts(text: str, attempt: Try, code: str) -> Iterator[str]:
    emails = [email.rstrip(".-") for email in EMAIL.findall(text)]
    phones = [phone.strip(" .-") for phone in PHONE.findall(ascii_digits(text))]
    for example in (*emails, *phones):
        if not isinstance(attempt(example), Clean):
            yield _refused(example)


def _names(text: str, attempt: Try, code: str) -> Iterator[str]:
    for example in NAME.findall(text):
        if not isinstance(attempt(example), Clean):
            yield _refused(example.strip())


def _pins(text: str, attempt: Try, code: str) -> Iterator[str]:
    """A PIN that is printed is no secret; only what the same text refuses may be shown."""
    for pin in FOUR.findall(ascii_digits(text)):
        if attempt(pin) != Wrong(code or "none"):
            yield f"many would choose the example '{pin}'; a question for a PIN gives none"


FINDERS: Mapping[str, Callable[[str, Try, str], Iterator[str]]] = {
    "date_of_birth": _dates,
    "contact": _contacts,
    "person_name": _names,
    "new_pin": _pins,
}


def _asked(facts: Facts, code: str, words: WordsShape, state: State) -> Asked:
    options: dict[str, tuple[str, ...]] = {}
    for _, other in facts.words.values():
        for option, said in other.options.get(state.subject, {}).items():
            options[option] = (*options.get(option, ()), *said)
    slot = facts.shape.slots.get(state.subject)
    return Asked(
        words=Words(code, words.name, (), words.date_order, {}, {}, {}, {}),
        languages=tuple(facts.shape.languages),
        options=options,
        today=TODAY,
        phone=SENDER,
        answers={},
        settings=state.settings,
        longest=slot.max if slot else 200,
    )
