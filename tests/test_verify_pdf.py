"""`vaxtext verify` reads the codes in a PDF: our own, and what somebody has scanned."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from drawings import BRAND, card, drawing
from PIL import Image
from vectors.claims import claims_of
from vectors.signing import Key

from bot.cards import qr
from bot.cli.verify_given import CannotBeRead, given_cards
from bot.drawing.draw import Drawer

LETTER = (1700, 2200)  # pixels at 200 to the inch


@pytest.fixture(scope="module")
def jws() -> str:
    return Key().sign(claims_of("https://neighbour.example.org"))


def cards_of(tmp_path: Path, content: bytes) -> list[str]:
    (tmp_path / "record.pdf").write_bytes(content)
    return given_cards(str(tmp_path / "record.pdf"))


def sheet(text: str) -> Image.Image:
    """A letter with a code of 40 millimetres on it."""
    page = Image.new("L", LETTER, 255)
    page.paste(Image.open(io.BytesIO(qr.png(text))).convert("L").resize((345, 345)), (200, 300))
    return page


def as_pdf(*pages: Image.Image, dots: int = 200) -> bytes:
    out = io.BytesIO()
    pages[0].save(out, "PDF", resolution=dots, save_all=True, append_images=pages[1:])
    return out.getvalue()


def test_our_own_pdf_is_read_a_card_of_each_page(tmp_path: Path, jws: str) -> None:
    other = Key().sign(claims_of("https://elsewhere.example.org"))
    drawn = tuple(replace(card(), qr=qr.svg(one, ""), modules=qr.width(one)) for one in (jws, other))

    found = cards_of(tmp_path, Drawer().pdf(replace(drawing(), cards=drawn), BRAND))

    assert found == [jws, other]


def test_a_letter_that_was_scanned_is_read(tmp_path: Path, jws: str) -> None:
    blank = Image.new("L", LETTER, 255)

    assert cards_of(tmp_path, as_pdf(blank, sheet(jws))) == [jws]


def test_a_page_as_large_as_a_wall_is_not_drawn_as_large(tmp_path: Path, jws: str) -> None:
    assert cards_of(tmp_path, as_pdf(sheet(jws), dots=12)) == [jws]


def test_a_pdf_without_a_code_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(CannotBeRead, match="no QR code on the first 30 pages"):
        cards_of(tmp_path, as_pdf(*[Image.new("L", (60, 60), 255)] * 31))


def test_pages_after_the_first_thirty_are_not_looked_at(tmp_path: Path, jws: str) -> None:
    blank = [Image.new("L", (60, 60), 255)] * 30

    with pytest.raises(CannotBeRead, match="no QR code"):
        cards_of(tmp_path, as_pdf(*blank, sheet(jws)))
    assert cards_of(tmp_path, as_pdf(*blank[1:], sheet(jws))) == [jws]


@pytest.mark.parametrize("content", [b"%PDF-", b"%PDF-1.7\n%%EOF", b"%PDF-1.7" + bytes(range(256)) * 9])
def test_a_broken_pdf_is_said_in_words(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(CannotBeRead, match="the PDF is broken, or locked with a password; take a picture of its code"):
        cards_of(tmp_path, content)
