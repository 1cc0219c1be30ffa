"""Photographs of QR codes as phones take them: tilted, not quite sharp, noisy, packed as JPEG; and films of them."""

import io
import math
import random
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter

from bot.cards import qr

Point = tuple[float, float]
SUPERSAMPLED = 2


@dataclass(frozen=True)
class Shot:
    """How a picture is taken. The same shot of the same code is the same picture."""

    size: tuple[int, int] = (1200, 1600)
    fill: float = 0.8  # of the shorter side
    turn: float = 4.0  # degrees
    tilt: float = 6.0
    blur: float = 0.8  # pixels
    noise: int = 8  # of 255
    quality: int = 40


def photograph(card: str, shot: Shot = Shot()) -> Image.Image:
    code = Image.open(io.BytesIO(qr.png(card))).convert("L")
    wide, high = (side * SUPERSAMPLED for side in shot.size)
    corners = _corners(shot, wide, high)
    inverse = _projection(corners, [(0, 0), (code.width, 0), (code.width, code.height), (0, code.height)])
    how = Image.Transform.PERSPECTIVE, inverse, Image.Resampling.BICUBIC
    table = Image.new("L", (wide, high), 110)
    table.paste(code.transform((wide, high), *how), mask=Image.new("L", code.size, 255).transform((wide, high), *how))
    seen = table.resize(shot.size, Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(shot.blur))
    return seen if not shot.noise else ImageChops.add(seen, _noise(shot), 1, -shot.noise)


def as_jpeg(picture: Image.Image, shot: Shot = Shot()) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=shot.quality)
    return out.getvalue()


def film(picture: Image.Image, file: Path) -> Path:
    """Some frames of a still picture, as Chromium's fake camera takes them (YUV4MPEG2)."""
    wide, high = picture.size
    colourless = bytes([128]) * (wide // 2 * (high // 2) * 2)
    frame = b"FRAME\n" + picture.tobytes() + colourless
    file.write_bytes(f"YUV4MPEG2 W{wide} H{high} F10:1 Ip A1:1 C420\n".encode() + frame * 5)
    return file


def _corners(shot: Shot, wide: int, high: int) -> list[Point]:
    """Where the corners of the code fall, from the upper left clockwise."""
    turn, tilt, side = math.radians(shot.turn), math.radians(shot.tilt), min(wide, high) * shot.fill
    seen = []
    for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        across = x * math.cos(turn) - y * math.sin(turn)
        along = x * math.sin(turn) + y * math.cos(turn)
        distance = 1 + along * math.sin(tilt)
        seen.append((wide / 2 + across / distance * side, high / 2 + along * math.cos(tilt) / distance * side))
    return seen


def _projection(there: list[Point], here: list[Point]) -> list[float]:
    """The eight numbers of Pillow's PERSPECTIVE, which takes a point `there` to one `here`: Gauss and Jordan."""
    rows = []
    for (x, y), (u, v) in zip(there, here, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]]
    for at in range(8):
        best = max(range(at, 8), key=lambda row: abs(rows[row][at]))
        rows[at], rows[best] = rows[best], rows[at]
        rows[at] = [value / rows[at][at] for value in rows[at]]
        for row in {*range(8)} - {at}:
            factor = rows[row][at]
            rows[row] = [a - factor * b for a, b in zip(rows[row], rows[at], strict=True)]
    return [row[8] for row in rows]


def _noise(shot: Shot) -> Image.Image:
    wide, high = shot.size
    grain = random.Random(7).randbytes(wide * high)
    return Image.frombytes("L", shot.size, grain).point(lambda value: value * 2 * shot.noise // 255)
