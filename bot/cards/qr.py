"""The card as a QR code that verifiers accept: numbers, PNG for a text message, SVG for a page."""

import re
import struct
import zlib
from html import escape

import deflate
import segno

PREFIX = "shc:/"
MAX_JWS = 1195  # characters that fit version 22 at level L; verifiers refuse larger codes, and chunks
QUIET = 4  # modules of white around the code
SCALE = 7  # pixels for a module: 791 at version 22, about 4 KB
MASK = 2  # trying all eight takes four times as long, and all decode alike

LOWEST = ord("-")  # of the characters of a JWS; the highest is z, 77 above
DIGITS = {code: f"{code - LOWEST:02}" for code in range(LOWEST, ord("z") + 1)}
PIXELS = bytes.maketrans(b"\x00\x01", b"10")  # in a PNG of one bit, 0 is black
STRETCHED = [int("".join(bit * SCALE for bit in f"{eight:08b}"), 2).to_bytes(SCALE) for eight in range(256)]
PACKED = 3  # libdeflate's level: the best one makes a picture 8% smaller in five times the time


def numeric(jws: str) -> str:
    """Each character as two digits, its distance from "-". Raises ValueError for what no JWS contains."""
    if not re.fullmatch(r"[\w.-]+", jws, re.ASCII):
        raise ValueError("not a JWS")
    return jws.translate(DIGITS)


def decode_numeric(text: str) -> str:
    """The JWS of a scanned "shc:/..." or of its digits alone. Raises ValueError."""
    digits = text.strip(" \t\r\n").removeprefix(PREFIX)
    if not re.fullmatch(r"(?:[0-6]\d|7[0-7])+", digits, re.ASCII):
        raise ValueError("not the digits of one whole SMART Health Card")
    return "".join(chr(int(pair) + LOWEST) for pair in re.findall("..", digits))


def qr_code(jws: str) -> segno.QRCode:
    """Raises ValueError for a card that is too large."""
    if len(jws) > MAX_JWS:
        raise ValueError(f"the card has {len(jws)} characters, a QR code takes {MAX_JWS}")
    # Two segments: digits pack 3 to 10 bits. As one text they would need version 31.
    return segno.make_qr([PREFIX, numeric(jws)], error="L", mask=MASK, boost_error=False)  # type: ignore[arg-type]


def png(jws: str) -> bytes:
    """A black and white picture with one bit for a pixel."""
    return drawn(qr_code(jws))


def drawn(code: segno.QRCode) -> bytes:
    """The picture of a code. Thirty times as fast as segno's own writer, most of it by libdeflate."""
    rows = code.matrix
    size = (len(rows) + 2 * QUIET) * SCALE
    blank = _module_row(bytes(len(rows)))
    lines = blank * QUIET + b"".join(_module_row(row) for row in rows) + blank * QUIET
    header = struct.pack(">2I5B", size, size, 1, 0, 0, 0, 0)  # 1 bit, greyscale
    chunks = ((b"IHDR", header), (b"IDAT", bytes(deflate.zlib_compress(lines, PACKED))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def svg(jws: str, title: str) -> str:
    """An inline <svg> as wide as its box, with `title` for those who cannot see it. Safe HTML.

    Edges are smooth: sharp ones make some modules a pixel wider than others, and on a
    coarse screen zxing misses one code in 200.
    """
    rows = qr_code(jws).matrix
    size = len(rows) + 2 * QUIET
    path = "".join(_strokes(row, y) for y, row in enumerate(rows, start=QUIET))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" '
        f'aria-label="{escape(title)}">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path stroke="#000" d="{path}"/></svg>'
    )


def width(jws: str) -> int:
    """How many modules the drawing has in a row, with the white around the code."""
    return len(qr_code(jws).matrix) + 2 * QUIET


def _module_row(row: bytes | bytearray) -> bytes:
    """The lines of the picture for one row of modules, with white at both ends."""
    modules = "1" * QUIET + row.translate(PIXELS).decode() + "1" * QUIET
    whole = modules + "1" * (-len(modules) % 8)
    packed = int(whole, 2).to_bytes(len(whole) // 8)
    pixels = b"".join([STRETCHED[eight] for eight in packed])[: -(-len(modules) * SCALE // 8)]
    # Filter type 0 (none) for the first line; the others repeat it: filter type 2 (up) and no difference.
    return b"\x00" + pixels + (b"\x02" + bytes(len(pixels))) * (SCALE - 1)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _strokes(row: bytearray, y: int) -> str:
    """One row as lines of width 1: h draws dark modules, m moves over light ones."""
    runs = re.findall(b"\x01+|\x00+", row)
    return f"M{QUIET} {y}.5" + "".join(f"h{len(run)}" if run[0] else f"m{len(run)} 0" for run in runs)
