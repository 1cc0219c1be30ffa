"""What a check of an answer gets and gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.conversation.flow import Words


@dataclass(frozen=True, slots=True)
class Asked:
    """What a check may look at besides the text itself."""

    words: Words
    languages: tuple[str, ...]  # all of the flow
    options: Mapping[str, tuple[str, ...]]  # this question's words in every language
    today: date
    phone: str  # the sender's, E.164
    answers: Mapping[str, str]  # given before
    settings: Mapping[str, str]
    longest: int = 200  # characters


@dataclass(frozen=True, slots=True)
class Clean:
    """An answer that can be kept."""

    value: str
    outcome: str = "ok"


@dataclass(frozen=True, slots=True)
class Wrong:
    """An answer that cannot; each code has a text of its own."""

    code: str


@dataclass(frozen=True, slots=True)
class Check:
    """A check as the flow files know it."""

    run: Callable[[str, Asked], Clean | Wrong]  # it also takes what it kept, which is Clean again unless facts changed
    errors: tuple[str, ...]
    outcomes: tuple[str, ...] = ("ok",)
    settings: Mapping[str, Callable[[str], object]] = field(default_factory=dict)  # name: reader of its value
    private: bool = False  # its answers are never texted back, so the slot must say `sensitive: yes`
    words: tuple[str, ...] = ()  # words that it understands besides, given per language under `options`
    show: Callable[[str, str], str] = lambda value, language: value  # how a text says the value
    worst: str = "W" * 60  # the longest that `show` gives
