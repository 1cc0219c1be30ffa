"""A drawing to draw, and readers of what was drawn: the code by zxing, the PDF by pdfium."""

import ctypes
import io
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp
from PIL import Image

from bot.cards import qr
from bot.conversation.brand import Brand
from bot.drawing.drawing import Drawing, DrawnCard, DrawnDose

POINT = 25.4 / 72  # millimetres
BRAND = Brand()
JWS = "abcDEF012-_." * 99  # 1188 characters: nearly the largest


def drawing(*, doses: int = 2, cards: int = 1, name: str = "Ana Reyes", **changes: Any) -> Drawing:
    told = {
        "language": "en",
        "direction": "ltr",
        "title": "COVID-19 vaccine record",
        "issuer": "State vaccine registry",
        "scan": "QR code of this record, a SMART Health Card",
        "person": (("Name", name), ("Birth date", "March 27, 1985")),
        "name_note": "",
        "cards": tuple(card(doses) for _ in range(cards)),
        "about": "A copy of what the state vaccine registry knows.",
        "advice": (("What it is", "A copy."), ("Something wrong?", "Call \u20681-833-555-0199\u2069.")),
        "missing": "A box stands for a letter.",
    }
    return Drawing(**{**told, **changes})


def card(doses: int = 2, heading: str = "", **changes: Any) -> DrawnCard:
    facts = (("Reference number", "4GSB-CDHQJ-R82RP"), ("Date of issue", "November 25, 2026"))
    given = tuple(dose(f"Dose {number}", **changes) for number in range(1, doses + 1))
    return DrawnCard(heading, qr.svg(JWS, ""), qr.width(JWS), facts, given, ())


def dose(
    title: str, *, product: str = "Pfizer-BioNTech", lot: str = "EW0162", place: str = "Fairgrounds", mark: str = ""
) -> DrawnDose:
    return DrawnDose(title, "April 8, 2021", product, (("Lot", lot, ""), ("Place", place, mark)), "")


@dataclass(frozen=True)
class Scanned:
    text: str
    box: tuple[int, int, int, int]  # left, top, right, bottom in pixels, without the white around it


def scan(picture: Image.Image) -> Scanned:
    (found,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    corner, opposite = found.position.top_left, found.position.bottom_right
    return Scanned(found.text, (corner.x, corner.y, opposite.x, opposite.y))


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


class Pdf:
    """A PDF as a reader sees it."""

    def __init__(self, content: bytes) -> None:
        self.document = pypdfium2.PdfDocument(content)

    def __len__(self) -> int:
        return len(self.document)

    @property
    def about(self) -> dict[str, str]:
        told: dict[str, str] = self.document.get_metadata_dict()
        return told

    @property
    def language(self) -> str:
        size = pdfium.FPDFCatalog_GetLanguage(self.document.raw, None, 0)
        room = (ctypes.c_ushort * (size // 2))()
        pdfium.FPDFCatalog_GetLanguage(self.document.raw, room, size)
        return bytes(room).decode("utf-16-le").rstrip("\0")

    @property
    def is_tagged(self) -> bool:
        return bool(pdfium.FPDFCatalog_IsTagged(self.document.raw))

    def text(self, page: int = 0) -> str:
        found: str = self.document[page].get_textpage().get_text_range()
        return found.replace("\r\n", "\n").replace("\ufffe", "").replace("\u200b", "")

    def size(self, page: int = 0) -> tuple[float, float]:
        """Width and height in millimetres."""
        width, height = self.document[page].get_size()
        return width * POINT, height * POINT

    def images(self, page: int = 0) -> int:
        return len(list(self.document[page].get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=10)))

    def drawn(self, page: int = 0, *, dots: int = 150) -> Image.Image:
        """The page as a printer with so many dots to the inch prints it."""
        return self.document[page].render(scale=dots / 72).to_pil().convert("RGB")

    def close(self) -> None:
        self.document.close()
