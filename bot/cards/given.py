"""What somebody shows as a card: the text of a QR code, a JWS, or a `.smart-health-card` file with several."""

import json
import re
from enum import StrEnum

from bot.cards.jws import COMPACT
from bot.cards.qr import PREFIX, decode_numeric

LONGEST = 1_000_000  # characters
MOST_CARDS = 50  # of one file
BLANKS = re.compile(r"[ \t\r\n]+")  # a code that was copied from a letter comes in lines
CHUNK = re.compile(r"shc:/\d+/\d+/", re.ASCII)
LINK = re.compile(r"https?://|shlink:/", re.ASCII | re.IGNORECASE)
EU_CERTIFICATE = "HC1:"


class Kind(StrEnum):
    """What is no SMART Health Card may be something else that people know."""

    CHUNK = "chunk"  # one of several QR codes that were one card, which the specification has given up
    LINK = "link"
    EU_CERTIFICATE = "eu_certificate"
    OTHER = "other"
    TOO_LARGE = "too_large"


class NotACard(Exception):
    """Nothing here can be checked. Carries the kind, never the text."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind)
        self.kind = kind


def cards_in(text: str) -> list[str]:
    """The JWS of each card, at least one; whether they hold is not asked here. Raises NotACard."""
    text = text.strip(" \t\r\n\ufeff")
    if len(text) > LONGEST:
        raise NotACard(Kind.TOO_LARGE)
    if text.startswith("{"):
        return _in_file(text)
    return [_one(BLANKS.sub("", text))]


def _in_file(text: str) -> list[str]:
    try:
        cards = json.loads(text)["verifiableCredential"]
    except (ValueError, KeyError, RecursionError):
        raise NotACard(Kind.OTHER) from None
    if not isinstance(cards, list) or not cards or not all(isinstance(card, str) for card in cards):
        raise NotACard(Kind.OTHER)
    if len(cards) > MOST_CARDS:
        raise NotACard(Kind.TOO_LARGE)
    return cards


def _one(text: str) -> str:
    if COMPACT.fullmatch(text):
        return text
    if text.startswith(PREFIX) and not CHUNK.match(text):
        try:
            return decode_numeric(text)
        except ValueError:
            raise NotACard(Kind.OTHER) from None
    raise NotACard(_kind(text))


def _kind(text: str) -> Kind:
    if CHUNK.match(text):
        return Kind.CHUNK
    if LINK.match(text):
        return Kind.LINK
    return Kind.EU_CERTIFICATE if text.startswith(EU_CERTIFICATE) else Kind.OTHER
