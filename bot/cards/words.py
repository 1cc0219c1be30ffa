"""What of a registry's words a card may repeat: names, lots and places, on one line, nothing unknown. Pure.

A word that does not fit is left out whole. One that was cut or mended would no longer be the registry's.
"""

import re
import unicodedata

MAX_LOT = 19  # characters
MAX_PLACE = 29  # characters

UNKNOWN = frozenset(
    (
        *("unknown", "not known", "n/a", "not available", "not applicable", "not recorded", "not documented"),
        *("not given", "no information", "unspecified", "undefined"),
    )
)
# Not for names: somebody is called Na, Null or Test
UNKNOWN_DETAIL = UNKNOWN | {
    "unk",
    "na",
    "none",
    "null",
    "nil",
    "tbd",
    "test",
    "other",
    "missing",
    "pending",
    "historical",
}
FILLER = re.compile(r"x+|0+|9+")
TEMPLATE = re.compile(r"\{\{|\$\{|<%|%%")
AROUND = " .*-_<>()[]\"'"
JOINERS = "\u200c\u200d"  # without them Persian and Sinhala are misspelled


def name(text: str | None) -> str | None:
    """One part of a name, or None for nothing, a placeholder or punctuation alone."""
    return _known(text, UNKNOWN)


def lot(text: str | None) -> str | None:
    """None also for one with the word "lot", which only says again what it is, or with a letter that was lost."""
    known = _detail(text)
    return (
        known if known and _length(known) <= MAX_LOT and "lot" not in known.lower() and "\ufffd" not in known else None
    )


def place(text: str | None) -> str | None:
    known = _detail(text)
    return known if known and _length(known) <= MAX_PLACE else None


def says_something(text: str | None) -> bool:
    """Whether a page has anything to show of it, be it fit for a card or not."""
    return bool(_line(text))


def _detail(text: str | None) -> str | None:
    known = _known(text, UNKNOWN_DETAIL)
    return None if known and FILLER.fullmatch(known.lower()) else known


def _known(text: str | None, unknown: frozenset[str]) -> str | None:
    line = _line(text)
    bare = line.lower().strip(AROUND)
    told = any(char.isalnum() for char in line) and bare not in unknown and not TEMPLATE.search(line)
    return line if told else None


def _line(text: str | None) -> str:
    told = text or ""
    seen = told if told.isprintable() else "".join(map(_seen, told))  # nearly all are printable
    return " ".join(seen.split())


def _seen(char: str) -> str:
    """What a card shows of a character.

    FHIR takes no control characters. Marks that turn the direction of writing could show a name backwards. UTF-8
    has no lone surrogates: of such a character only half was delivered.
    """
    match unicodedata.category(char):
        case "Cc":
            return " "
        case "Cf":
            return char if char in JOINERS else ""
        case "Cs":
            return "\ufffd"
    return char


def _length(text: str) -> int:
    """As readers in JavaScript and Java count."""
    return len(text.encode("utf-16-le")) // 2
