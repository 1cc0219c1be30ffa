"""A flow in memory: states, limits and words, after the files were read and found sound."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from transitions import Machine

from bot.conversation.brand import Brand
from bot.limits.table import Allowed
from bot.vaccines import Vaccines


@dataclass(frozen=True, slots=True)
class State:
    """One step: a question (`ask`, `choose`), work (`do`) or an `end`."""

    name: str
    kind: str
    subject: str  # the slot that is asked for, the action that is done, or how it ends
    say: str  # the name of its text
    check: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()  # the answers that the action gets
    next: Mapping[str, str] = field(default_factory=dict)  # outcome: state
    once: bool = False  # passed over where the answer is known already
    forget: tuple[str, ...] = ()  # answers that are forgotten on arriving here
    asks_again: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # option: answers that it forgets
    segments: int = 0  # that its texts may take; 0: as many as all others

    @property
    def waits(self) -> bool:
        """Whether the resident is to answer."""
        return self.kind in ("ask", "choose")


@dataclass(frozen=True, slots=True)
class Limits:
    idle: int  # seconds
    total: int  # seconds
    attempts: int  # wrong answers to one question that still get another try
    turns: int
    segments: int


@dataclass(frozen=True, slots=True)
class Keyword:
    """What one of our own words does. With none of `go`, `say` and `tell` it is answered by silence."""

    go: str = ""  # a state, or "back"
    say: str = ""  # a text, then the same question again
    tell: str = ""  # "last": what was last sent; never in the way of an answer
    forget: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    sensitive: bool = False  # never texted back
    witness: bool = False  # kept with the words that were shown and the time
    max: int = 200  # characters


@dataclass(frozen=True, slots=True)
class Words:
    """One language: everything that staff can say in it."""

    code: str
    name: str
    called: tuple[str, ...]
    date_order: str  # "mdy" or "dmy"
    keywords: Mapping[str, tuple[str, ...]]
    options: Mapping[str, Mapping[str, tuple[str, ...]]]  # state: option: label and other words
    say: Mapping[str, str]
    page: Mapping[str, str]
    vaccines: Mapping[str, str] = field(default_factory=dict)  # group: what the page calls it
    drafted: str = ""  # by whom: "by machine"
    reviewed: str = ""  # by whom: "nobody yet"

    def vaccine(self, group: str) -> str:
        """What people call a vaccine group."""
        return self.vaccines.get(group, group)


@dataclass(frozen=True, slots=True)
class Flow:
    name: str
    languages: tuple[str, ...]  # the first is the source
    start: str
    exhausted: str  # where someone goes who cannot answer
    fault: str  # where someone goes when our own work breaks
    limits: Limits
    allowed: Allowed  # how often what may happen
    keywords: Mapping[str, Keyword]
    slots: Mapping[str, Slot]
    values: Mapping[str, str]  # facts that texts may name, such as the help line
    vaccines: Vaccines  # what codes mean, and which the page and the card show
    brand: Brand  # how pages, pictures and PDFs look
    states: Mapping[str, State]
    renamed: Mapping[str, str]
    words: Mapping[str, Words]
    slot_checks: Mapping[str, str]  # the check that cleaned a slot's value
    keyword_of: Mapping[str, Keyword]  # by every folded word for it, in all languages
    language_of: Mapping[str, str]  # by every folded name of it
    structure: str  # a hash of all but the words
    machine: Machine

    def words_in(self, language: str) -> Words:
        """The words of a language, or of the source language while none is chosen."""
        return self.words.get(language) or self.words[self.languages[0]]
