"""Folding: what two texts have in common once case, accents, width and surrounding signs are gone."""

import unicodedata


def fold(text: str) -> str:
    """ "  ¡ATRÁS!  " -> "atras". Words inside keep one space between them."""
    marks = ("Mn", "Me")  # accents, and the frame of a keycap emoji
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) not in marks)
    words = unicodedata.normalize("NFKC", plain).casefold().split()
    return _strip_signs(" ".join(words))


def ascii_digits(text: str) -> str:
    """Write every decimal digit of any script as 0-9: "１٢" -> "12"."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def visible(text: str) -> str:
    """The text without control and formatting characters, with single spaces, composed (NFC)."""
    kept = (" " if c.isspace() else c for c in text)
    clean = "".join(c for c in kept if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return " ".join(unicodedata.normalize("NFC", clean).split())


def _strip_signs(text: str) -> str:
    start, end = 0, len(text)
    while start < end and not _counts(text[start]):
        start += 1
    while end > start and not _counts(text[end - 1]):
        end -= 1
    return text[start:end]


def _counts(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM"
