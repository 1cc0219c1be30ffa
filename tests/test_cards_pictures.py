"""Two readers that others made read 200 of 200 cards as sent and as carriers recompress them, and what a page draws."""

import io
from collections.abc import Callable, Iterator

import pytest
import segno
from fakes.qr_readers import Reader, find_zbar, opened, zxing
from generated_records import generated_records
from issued_cards import issued, make_cards
from PIL import Image
from playwright.sync_api import Browser

from bot.cards import qr

CARDS = 200
LONGER_SIDE = 640  # pixels that a carrier leaves of a picture
SCREENS = {"narrow phone": (300, 2), "laptop": (384, 1)}  # width of the drawing in CSS pixels, and pixels for each
AT_ONCE = 20
SOME = 4  # of the cards that the page draws every fourth is read: a browser draws all of them alike


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    made = issued(make_cards(tmp_path_factory.mktemp("var")), generated_records())
    return [card.jws for card, _ in zip(made, range(CARDS), strict=False)]


@pytest.fixture(scope="module", params=["zxing", "zbar"])
def reader(request: pytest.FixtureRequest) -> Reader:
    return zxing if request.param == "zxing" else find_zbar()


def as_sent(card: str) -> Image.Image:
    return opened(qr.png(card))


def recompressed(picture: Image.Image) -> Image.Image:
    """JPEG of quality 40, its colours halved both ways (4:2:0)."""
    small = picture.convert("RGB")
    small.thumbnail((LONGER_SIDE, LONGER_SIDE))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=40, subsampling="4:2:0")
    return opened(out.getvalue())


def drawn(browser: Browser, cards: list[str], width: int, scale: int) -> Iterator[tuple[str, Image.Image]]:
    """Each card with what is on the screen of it."""
    page = browser.new_page(viewport={"width": width, "height": width}, device_scale_factor=scale)
    side = width * scale
    for start in range(0, len(cards), AT_ONCE):
        some = cards[start : start + AT_ONCE]
        boxes = (f'<div style="height: {width}px">{qr.svg(card, "QR code")}</div>' for card in some)
        page.set_content(f'<body style="margin: 0">{"".join(boxes)}')
        screen = opened(page.screenshot(full_page=True)).convert("L")
        for at, card in enumerate(some):
            yield card, screen.crop((0, at * side, side, (at + 1) * side))
    page.close()


def unread(read: Reader, pictures: Iterator[tuple[str, Image.Image]]) -> int:
    return sum(read(picture) != [f"shc:/{qr.numeric(card)}"] for card, picture in pictures)


@pytest.mark.parametrize("done", [lambda picture: picture, recompressed], ids=["as sent", "recompressed"])
def test_two_readers_read_every_picture(
    reader: Reader, done: Callable[[Image.Image], Image.Image], cards: list[str]
) -> None:
    assert len(cards) == CARDS
    assert unread(reader, ((card, done(as_sent(card))) for card in cards)) == 0


def test_a_carrier_makes_the_largest_code_smaller(cards: list[str]) -> None:
    largest = as_sent(max(cards, key=len))

    assert largest.width > LONGER_SIDE == recompressed(largest).width


@pytest.mark.browser
@pytest.mark.parametrize("screen", SCREENS)
def test_two_readers_read_the_drawings_on_a_page(
    screen: str, reader: Reader, browser: Browser, cards: list[str]
) -> None:
    assert unread(reader, drawn(browser, cards[::SOME], *SCREENS[screen])) == 0


def test_a_code_with_another_mask_is_read_no_better(reader: Reader, cards: list[str]) -> None:
    """Whichever of the eight a writer chooses, they are all read; so one may be fixed, and seven need not be tried."""
    masked = (
        (card, recompressed(opened(qr.drawn(_with_mask(card, mask))))) for card in cards[::20] for mask in range(8)
    )

    assert unread(reader, masked) == 0


def _with_mask(card: str, mask: int) -> segno.QRCode:
    return segno.make_qr([qr.PREFIX, qr.numeric(card)], error="L", mask=mask)
