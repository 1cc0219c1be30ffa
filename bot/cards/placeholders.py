"""Whether a text only says that something is unknown, in the words that registries have for it. Pure.

It does so in one of seven ways, however it is written ("N.A.", "(None)", "not_provided", "NotProvided"):
- it begins with "unknown" or "n/a"; a lot or place also with "not"
- all its words are empty ones, such as "none" and "TBA", or go with those: "none on file"
- it says no to words that go with them: "no first name", "facility not known"
- it is a label: "Last Name", "Facility"; in a lot, a part of one is enough: "Dose #2"
- one sign stands there again and again: "XXXX", "0000"; a lot is also a date, below zero, or empty words with digits
- it is a template that nobody filled: "{{lot}}", or what a program writes instead: "#REF!"
- it is HL7's or FHIR's code for what is absent, as a lot or place: "NAVU", "as-text"
"""

import re
import unicodedata
from collections.abc import Sequence

from bot.cards.placeholder_words import BEGINNINGS, DETAILS, DOUBTFUL, NAMES, NO, PLACE_LABELS, Words

TEMPLATE = re.compile(r"\{\{|\$\{|<%|%%|\[object |#[A-Z/0]+[!?]")
AGAIN = re.compile(r"x{2,}|0+|9+|(\d)\1{2,}")
AFTER_N = frozenset("akd")
NOT_APPLICABLE = re.compile(r"\bn\s*[/\\]\s*[akd]\b")  # not known, no data
DOTTED = re.compile(r"\bn[\W_]+a\b")
WORD = re.compile(r"[^\W_]+")
LETTERS = re.compile(r"[^\W\d_]+")
NOT_JOINED = re.compile(r"(not?)(\w{4,})")
LOT_LABEL = re.compile("lot|batch|dose|#|批号|批號")
NO_LOT = re.compile(
    r"[-\u2212]\d+"
    r"|(?:\d{4}([-/.])\d\d?\1\d\d?|\d\d?([-/. ])(?:\d\d?|[a-z]{3})\2(?:\d\d){1,2})(?:[t ].*)?"  # a date
)
NO_LETTERS_OF_LOTS = DETAILS.empty | DETAILS.beside


def is_no_name(text: str) -> bool:
    """Of one part of a name. A name in brackets is what a program wrote for nothing: "<null>"."""
    words = _words(text)
    if words == ["n", "a"] or (DOUBTFUL.issuperset(words) and not text[:1].isalnum()):
        return True
    return _is_empty(words, NAMES) or _is_label_of_name(words)


def are_no_names(parts: Sequence[str]) -> bool:
    """Of one text that was delivered in several parts: "No", "Middle", "Name"."""
    words = _words(" ".join(parts))
    return _are_empty(words, NAMES) or _is_label_of_name(words)


def is_doubtful_name(text: str) -> bool:
    """Whether it is a name for some and nothing for others."""
    return DOUBTFUL.issuperset(_words(text))


def is_null(text: str) -> bool:
    return {*_words(text)} == {"null"}


def is_no_detail(text: str) -> bool:
    """Of a lot or a suffix."""
    return _says_nothing(_words(text, dotted="na"))


def is_no_place(text: str) -> bool:
    words = _words(text, dotted="na")
    return PLACE_LABELS.issuperset(words) or _says_nothing(words)


def is_no_lot(text: str) -> bool:
    """Of what is no placeholder otherwise. "NA1234" may be a lot, for two letters are none of these words."""
    told = _folded(text)
    if NO_LOT.fullmatch(told) or LOT_LABEL.search(told):
        return True
    words = LETTERS.findall(told)
    return NO_LETTERS_OF_LOTS.issuperset(words) and any(len(word) > 2 for word in words)


def _words(text: str, dotted: str = "n a") -> list[str]:
    """None of a template and of signs alone. "N/A" is a word for "unknown", and "N.A." for what is said here."""
    if TEMPLATE.search(text):
        return []
    told = _folded(text)
    words = WORD.findall(told)
    if "n" in words and not AFTER_N.isdisjoint(words):  # hardly any, and a card asks of each lot and place
        words = WORD.findall(DOTTED.sub(dotted, NOT_APPLICABLE.sub("unknown", told)))
    return _split(words) if "no" in told else words


def _folded(text: str) -> str:
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).lower()


def _split(words: list[str]) -> list[str]:
    """ "notprovided" as "not", "provided"; not so "Northside" and "Nomura", whose rest is none of the words."""
    found = [(word, NOT_JOINED.fullmatch(word)) for word in words]
    return [part for word, two in found for part in (two.groups() if two and two[2] in DETAILS.beside else (word,))]


def _says_nothing(words: list[str]) -> bool:
    return (len(words) > 1 and words[0] == "not") or _is_empty(words, DETAILS)


def _is_empty(words: list[str], kind: Words) -> bool:
    if not words or words[0].startswith(BEGINNINGS) or AGAIN.fullmatch("".join(words)):
        return True
    return _are_empty(words, kind)


def _are_empty(words: list[str], kind: Words) -> bool:
    if words[:1] and words[0] in NO and kind.beside.issuperset(words[1:]):
        return len(words) > 1 and len(words[-1]) > 2  # "No A" is somebody's name
    if "".join(words) in kind.whole or ("not" in words[1:-1] and kind.beside.issuperset(words)):
        return True
    return not kind.empty.isdisjoint(words) and all(word in kind.empty or word in kind.beside for word in words)


def _is_label_of_name(words: list[str]) -> bool:
    """ "Last Name" is, "Last" and "Name" are people."""
    return len(words) > 1 and words[-1] == "name" and NAMES.beside.issuperset(words)
