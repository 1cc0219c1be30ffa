"""What `vaxtext verify` was given: a file, a picture, a PDF, a text or standard input; the cards in it."""

import sys
from errno import ENAMETOOLONG
from pathlib import Path

from bot.cards.given import Kind, NotACard, cards_in, is_code
from bot.cards.pdf import codes_in_pdf, is_pdf
from bot.cards.pictures import UnreadablePicture, codes_in, is_picture
from bot.cli.verify_words import printable

LARGEST = 30_000_000  # bytes of a picture
GIVE = "give a .smart-health-card file, a picture, a PDF, the text of a QR code (shc:/...) or a JWS"
WORDS = {
    Kind.EMPTY: f"there is nothing here; {GIVE}",
    Kind.CHUNK: "this is one of several codes of an old kind; ask for a card with a single code",
    Kind.LINK: "this is a link, and no SMART Health Card",
    Kind.EU_CERTIFICATE: "this is a certificate of the European Union, and no SMART Health Card",
    Kind.PDF: "this is the beginning of a PDF; give the file",
    Kind.OTHER: f"this is no SMART Health Card; {GIVE}",
    Kind.TOO_LARGE: "this is larger than any card, or picture of one",
}


class CannotBeRead(Exception):
    """There is no card to check. The text says what is there instead."""


def given_cards(given: str) -> list[str]:
    """The JWS of each card. Raises CannotBeRead."""
    data = _read(given)
    try:
        return cards_in(given) if data is None else _in_data(data)
    except UnreadablePicture as error:
        raise CannotBeRead(str(error)) from None
    except NotACard as error:
        no_file = data is None and error.kind is Kind.OTHER
        raise CannotBeRead(f"there is no such file; {GIVE}" if no_file else WORDS[error.kind]) from None


def _read(given: str) -> bytes | None:
    """The content, at most one byte more than we take; None where no file has this name, so that it is a text."""
    if not given.strip():  # to the system the name of the folder where we are
        return None
    try:
        if given == "-":
            return sys.stdin.buffer.read(LARGEST + 1) if sys.stdin else b""
        with Path(given).open("rb") as file:
            return file.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # or with what no name holds
        return None
    except IsADirectoryError:
        raise CannotBeRead(f"{printable(given)} is a folder; give a file in it") from None
    except OSError as error:
        if error.errno == ENAMETOOLONG:
            return None
        raise CannotBeRead(f"{printable(given)} cannot be read: {error.strerror}") from None


def _in_data(data: bytes) -> list[str]:
    if len(data) > LARGEST:
        raise NotACard(Kind.TOO_LARGE)
    if is_picture(data):
        return _in_codes(codes_in(data))
    if is_pdf(data):
        return _in_codes(codes_in_pdf(data))
    try:
        return cards_in(data.decode())
    except UnicodeDecodeError:
        raise NotACard(Kind.OTHER) from None


def _in_codes(codes: list[str]) -> list[str]:
    """Every card among them; where there is none, what the first code is."""
    cards = [code for code in codes if is_code(code)]
    return [card for code in cards or codes[:1] for card in cards_in(code)]
