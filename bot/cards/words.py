"""What of a registry's words a card may repeat: names, lots and places, on one line, nothing unknown. Pure.

A word that does not fit is left out whole. One that was cut or mended would no longer be the registry's.
"""

import unicodedata
from collections.abc import Callable, Sequence

from bot.cards import placeholders

MAX_LOT = 19  # characters
MAX_PLACE = 29  # characters

JOINERS = "\u200c\u200d"  # without them Persian and Sinhala are misspelled


def name(text: str | None) -> str | None:
    """One part of a name, or None for nothing, a placeholder or what has no letter."""
    line = _line(text)
    return line if any(char.isalpha() for char in line) and not placeholders.is_no_name(line) else None


def given(texts: Sequence[str]) -> list[str]:
    """The given names that are known. Without "null", which is a family's name and what programs write for nothing."""
    end = next((at for at in range(len(texts)) if placeholders.are_no_names(texts[at:])), len(texts))
    return [known for text in texts[:end] if (known := name(text)) and not placeholders.is_null(known)]


def suffix(text: str | None) -> str | None:
    return _unless(placeholders.is_no_detail, text)


def lot(text: str | None) -> str | None:
    """None also for one without a digit, which is words, or with a letter that was lost."""
    known = _unless(placeholders.is_no_detail, text)
    if not known or _length(known) > MAX_LOT or "\ufffd" in known or not any(char.isdigit() for char in known):
        return None
    return None if placeholders.is_no_lot(known) else known


def place(text: str | None) -> str | None:
    known = _unless(placeholders.is_no_place, text)
    return known if known and _length(known) <= MAX_PLACE else None


def says_something(text: str | None) -> bool:
    """Whether a page has anything to show of it, be it fit for a card or not."""
    return bool(_line(text))


def _unless(is_placeholder: Callable[[str], bool], text: str | None) -> str | None:
    line = _line(text)
    return line if _is_written(line) and not is_placeholder(line) else None


def _is_written(line: str) -> bool:
    return any(char.isalnum() for char in line)


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
