"""The rules for the QR code of a card, and for the picture of it that a text message brings."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import zxingcpp
from fakes.qr_readers import Code
from PIL import Image, ImageChops, ImageOps

QUIET = 4  # modules


@dataclass(frozen=True)
class Scanned:
    """A picture of a card's code, and what readers say of it."""

    jws: str
    picture: bytes  # PNG
    image: Image.Image
    zxing: zxingcpp.Barcode
    code: Code

    @property
    def modules(self) -> int:
        return 17 + 4 * self.code.version + 2 * QUIET


def size(card: Scanned) -> None:
    """The code is of version 22 at most, which takes 1195 characters, and has error correction L."""
    assert len(card.jws) <= 1195
    assert card.code.version <= 22
    assert card.zxing.extra["Version"] == str(card.code.version)
    assert card.zxing.ec_level == "L"


def segments(card: Scanned) -> None:
    """It has two segments: the bytes shc:/ and the digits of the whole card, two for each character."""
    digits = "".join(f"{ord(char) - 45:02}" for char in card.jws)
    assert card.code.segments == [["byte", "shc:/"], ["numeric", digits]]
    assert card.zxing.text == f"shc:/{digits}"


def never_chunked(card: Scanned) -> None:
    """It is one code, never one of several."""
    assert not re.match(r"shc:/\d+/\d+/", card.zxing.text)


def light(card: Scanned) -> None:
    """The picture has one bit for a pixel, and under 10 KB."""
    assert card.image.mode == "1"
    assert len(card.picture) < 10_000


def sharp(card: Scanned) -> None:
    """A module has 6 to 8 whole pixels, and 4 modules of white are around the code."""
    scale, left = divmod(card.image.width, card.modules)
    assert (left, card.image.size) == (0, (card.image.width,) * 2)
    assert 6 <= scale <= 8
    margin = QUIET * scale
    inside = (margin, margin, card.image.width - margin, card.image.width - margin)
    assert ImageOps.invert(card.image.convert("L")).getbbox() == inside
    small = card.image.resize((card.modules,) * 2, Image.Resampling.NEAREST)
    assert not ImageChops.difference(small.resize(card.image.size, Image.Resampling.NEAREST), card.image).getbbox()


Rule = Callable[[Scanned], None]
RULES: tuple[Rule, ...] = (size, segments, never_chunked, light, sharp)
