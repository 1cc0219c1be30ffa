"""Reads the QR codes in a picture: a photograph, a screenshot, the picture of a text message."""

import io
import warnings
from typing import Final

import zxingcpp
from PIL import Image, UnidentifiedImageError

FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
SIGNS = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8", b"BM")
MOST_PIXELS = 50_000_000
TOO_LARGE = f"the picture has more than {MOST_PIXELS:,} pixels"
QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


class UnreadablePicture(Exception):
    """No QR code can be read in it. The text says why."""


def is_picture(data: bytes) -> bool:
    return data.startswith(SIGNS)


def codes_in(data: bytes) -> list[str]:
    """The text of every QR code, at least one. Raises UnreadablePicture."""
    found = codes_on(_grey(data))
    if not found:
        raise UnreadablePicture("there is no QR code in the picture, or it is not sharp enough")
    return found


def codes_on(grey: Image.Image) -> list[str]:
    """The text of every QR code on this sheet, perhaps none."""
    return [code.text for code in zxingcpp.read_barcodes(grey, formats=QR)]


def _grey(data: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of bombs, for our own limit is lower, and of what is odd in a file
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:  # known before the pixels are unpacked
                    raise UnreadablePicture(TOO_LARGE)
                return _on_white(picture).convert("L")
        except Image.DecompressionBombError:
            raise UnreadablePicture(TOO_LARGE) from None
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError):  # what Pillow says of a broken file
            raise UnreadablePicture("the picture is broken, or not PNG, JPEG, WEBP, GIF or BMP") from None


def _on_white(picture: Image.Image) -> Image.Image:
    """Behind a code without a ground of its own black would be seen."""
    if not picture.has_transparency_data:
        return picture
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture.convert("RGBA"))
