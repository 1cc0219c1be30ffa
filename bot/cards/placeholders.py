"""Whether a text only says that something is unknown, in the words that registries have for it. Pure.

It does so in one of five ways, however it is written ("N.A.", "(None)", "not_provided"):
- it begins with "unknown" or "n/a"; a lot or place also with "not"
- all its words are empty ones, such as "none" and "TBA", or go with those: "none on file"
- it says no to words that go with them: "no first name", "not known"
- one sign stands there again and again: "XXXX", "0000"
- it is a template that nobody filled: "{{lot}}"
"""

import re
import unicodedata
from collections.abc import Sequence

# Nobody is called so. FNU and LNU, first and last name unknown, are in visas because a form asked for two names.
EMPTY = frozenset(
    "unknown unk unkn none undefined unspecified unavailable noname nofirstname nolastname nomiddlename notprovided "
    "notavailable notreported fnu lnu nfn nln nmn nmi asku nask refused declined withheld desconocido desconocida "
    "ninguno ninguna".split()
)
# Somebody is called Na, Nil, Null or Test, but no place is.
EMPTY_DETAIL = EMPTY | frozenset(
    "na nan nil null tba tbc tbd test other oth nav msk masked missing pending blank empty error invalid unsupported "
    "historical historic history hx outside external imported transcribed reported report recall verbal self patient "
    "pt per chart notes x xx".split()
)
BESIDE = frozenset(
    "a an the and or of on at to by from for as but see below above attached known given available provided recorded "
    "reported documented applicable specified stated entered listed supplied obtained assigned asked administered "
    "found information info data detail details record records file system entry lot number no not name patient parent "
    "guardian mother client facility provider clinic location site place organization practice pharmacy hospital "
    "physician doctor vaccinator vaccine vaccination immunization dose "
    "disponible aplica indicado indicada informado informada nombre".split()
)
BESIDE_IN_NAMES = BESIDE | frozenset("first last middle initial family surname suffix apellido".split())
NO = frozenset(("no", "not", "sin"))
DOUBTFUL = frozenset(("na", "nil", "not", "null", "test"))

TEMPLATE = re.compile(r"\{\{|\$\{|<%|%%")
AGAIN = re.compile(r"x{3,}|0+|9+")
NOT_APPLICABLE = re.compile(r"\bn\s*[/\\]\s*a\b")
DOTTED = re.compile(r"\bn[\W_]+a\b")
WORD = re.compile(r"[^\W_]+")


def is_no_name(text: str) -> bool:
    """Of one part of a name."""
    words = _words(text)
    return words == ["n", "a"] or _is_empty(words, EMPTY, BESIDE_IN_NAMES)


def are_no_names(parts: Sequence[str]) -> bool:
    """Of one text that was delivered in several parts: "No", "Middle", "Name"."""
    return _are_empty(_words(" ".join(parts)), EMPTY, BESIDE_IN_NAMES)


def is_doubtful_name(text: str) -> bool:
    """Whether it is a name for some and nothing for others."""
    return DOUBTFUL.issuperset(_words(text))


def is_no_detail(text: str) -> bool:
    """Of a lot or a place."""
    words = _words(text, dotted="na")
    return (len(words) > 1 and words[0] == "not") or _is_empty(words, EMPTY_DETAIL, BESIDE)


def _words(text: str, dotted: str = "n a") -> list[str]:
    """None of a template and of signs alone. "N/A" is a word for "unknown", and "N.A." for what is said here."""
    if TEMPLATE.search(text):
        return []
    told = (text if text.isascii() else unicodedata.normalize("NFKC", text)).lower()
    words = WORD.findall(told)
    if "n" not in words or "a" not in words:  # nearly all, and a card asks of each lot and place
        return words
    return WORD.findall(DOTTED.sub(dotted, NOT_APPLICABLE.sub("unknown", told)))


def _is_empty(words: list[str], empty: frozenset[str], beside: frozenset[str]) -> bool:
    if not words or words[0].startswith("unknown") or AGAIN.fullmatch("".join(words)):
        return True
    return _are_empty(words, empty, beside)


def _are_empty(words: list[str], empty: frozenset[str], beside: frozenset[str]) -> bool:
    if words[:1] and words[0] in NO and beside.issuperset(words[1:]):
        return len(words) > 1 and len(words[-1]) > 2  # "No A" is somebody's name
    return not empty.isdisjoint(words) and all(word in empty or word in beside for word in words)
