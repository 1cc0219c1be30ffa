"""Readers of QR codes that others made: zxing-cpp, zbar (Debian's libzbar0) and npm's jsqr."""

import base64
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import zxingcpp
from PIL import Image

from fakes.card_readers import asking, missing

Reader = Callable[[Image.Image], list[str]]
Segments = list[list[str]]


@dataclass(frozen=True)
class Code:
    """What a QR code is made of, as npm's jsqr finds it."""

    version: int
    segments: Segments  # each with its mode, "byte" or "numeric", and its text


def opened(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture))


def zxing(picture: Image.Image) -> list[str]:
    # Asked for any format, it also sees an EAN-13 in the columns of some codes
    return [code.text for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)]


def find_zbar() -> Reader:
    """Without libzbar0 the test is skipped, or fails where every reader must be there."""
    try:
        from pyzbar.pyzbar import ZBarSymbol, decode  # noqa: PLC0415 - its import looks for the library
    except ImportError:
        missing("no zbar: apt-get install libzbar0")
    return lambda picture: [code.data.decode() for code in decode(picture.convert("L"), symbols=[ZBarSymbol.QRCODE])]


@contextmanager
def jsqr() -> Iterator[Callable[[Image.Image], Code]]:
    with asking("jsqr.mjs") as ask:

        def read(picture: Image.Image) -> Code:
            grey = picture.convert("L")
            pixels = base64.b64encode(grey.tobytes()).decode()
            return Code(**ask({"width": grey.width, "height": grey.height, "grey": pixels}))

        yield read
