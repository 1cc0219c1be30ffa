"""Reads the QR codes on the pages of a PDF: our own, another service's, or a letter that was scanned."""

from collections.abc import Iterator

import pypdfium2
from PIL import Image

from bot.cards.pictures import UnreadablePicture, codes_on

SIGN = b"%PDF-"
MOST_PAGES = 30  # a record has one for each vaccine group
DOTS = 200  # to the inch: a module of our codes has 3 or 4
LONGER_SIDE = 4000  # pixels at most, of a page as large as a wall
POINTS = 72  # to the inch


def is_pdf(data: bytes) -> bool:
    return data.startswith(SIGN)


def codes_in_pdf(data: bytes) -> list[str]:
    """The text of every QR code, at least one. Raises UnreadablePicture."""
    try:
        with pypdfium2.PdfDocument(data) as document:
            found = [code for page in _pages(document) for code in codes_on(page)]
    except (pypdfium2.PdfiumError, ValueError):
        raise UnreadablePicture("the PDF is broken, or locked with a password; take a picture of its code") from None
    if not found:
        raise UnreadablePicture(
            f"there is no QR code on the first {MOST_PAGES} pages of the PDF, or it is not sharp enough"
        )
    return found


def _pages(document: pypdfium2.PdfDocument) -> Iterator[Image.Image]:
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        scale = min(DOTS / POINTS, LONGER_SIDE / max(page.get_size()))
        yield page.render(scale=scale, grayscale=True).to_pil().convert("L")
        page.close()
