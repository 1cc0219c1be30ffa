"""What somebody shows as a card: the text of a QR code, a JWS, or a `.smart-health-card` file with several."""

import json
import re
from enum import StrEnum

from bot.cards.jws import COMPACT, no_json
from bot.cards.qr import PREFIX, decode_numeric


class Kind(StrEnum):
    """What is no SMART Health Card may be something else that people know."""

    EMPTY = "empty"
    CHUNK = "chunk"  # one of several QR codes that were one card, which the specification has given up
    LINK = "link"
    EU_CERTIFICATE = "eu_certificate"
    PDF = "pdf"  # as a text; who can draw its pages looks for the codes on them
    OTHER = "other"
    TOO_LARGE = "too_large"


LONGEST = 1_000_000  # characters
MOST_CARDS = 50  # of one file
BLANKS = re.compile(r"[ \t\r\n]+")  # a code that was copied from a letter comes in lines
# Before the digits: scanners write it in capitals, too, and links to wallets have the code behind #.
# Apple's has digits alone: 567629 is "eyJ", the beginning of a JWS. No link is followed.
CODE = re.compile(r"shc:/|https?://[^#]*#(?:shc:/|(?=567629))", re.ASCII | re.IGNORECASE)
CHUNK = re.compile(r"\d+/\d+/", re.ASCII)
BROKEN_JWS = "eyJ"  # {" in base64: the beginning of one that is no COMPACT any more
LINK = re.compile(r"https?://|shlink:/", re.ASCII | re.IGNORECASE)
BEGINNINGS = {"HC1:": Kind.EU_CERTIFICATE, "%PDF-": Kind.PDF}


class NotACard(Exception):
    """Nothing here can be checked. Carries the kind, never the text."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind)
        self.kind = kind


def cards_in(text: str) -> list[str]:
    """The JWS of each card, at least one, or what is left of it. Whether they hold is not asked. Raises NotACard."""
    text = text.strip(" \t\r\n\ufeff")
    if not text:
        raise NotACard(Kind.EMPTY)
    if len(text) > LONGEST:
        raise NotACard(Kind.TOO_LARGE)
    if text.startswith("{"):
        return _in_file(text)
    return [_one(BLANKS.sub("", text))]


def is_code(text: str) -> bool:
    """Whether this is the text of a card's QR code by its look, and not the address of a page beside it."""
    return bool(CODE.match(text))


def _in_file(text: str) -> list[str]:
    try:
        cards = json.loads(text, parse_int=float, parse_constant=no_json)["verifiableCredential"]  # as browsers read it
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
    if begin := CODE.match(text):
        return _decoded(text[begin.end() :])
    if text.startswith(BROKEN_JWS):
        return text
    raise NotACard(_kind(text))


def _decoded(digits: str) -> str:
    """The JWS. Of digits that were damaged or cut short themselves: no JWS, which who checks it calls damaged."""
    if CHUNK.match(digits):
        raise NotACard(Kind.CHUNK)
    code = f"{PREFIX}{digits}"
    try:
        return decode_numeric(code)
    except ValueError:
        return code


def _kind(text: str) -> Kind:
    if LINK.match(text):
        return Kind.LINK
    return next((kind for beginning, kind in BEGINNINGS.items() if text.startswith(beginning)), Kind.OTHER)
