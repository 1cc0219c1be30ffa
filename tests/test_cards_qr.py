"""The QR code is one that verifiers accept: two segments, version 22 at most, and it decodes to the JWS."""

import io
import re
import string
from html.parser import HTMLParser

import pytest
import segno
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.cards.qr import MAX_JWS, decode_numeric, numeric, png, qr_code, svg

ALPHABET = string.ascii_letters + string.digits + "-_."
SMALL = (ALPHABET * 20)[:880]
LARGEST = (ALPHABET * 20)[:MAX_JWS]


def scan(picture):
    # Asked for any format, it also sees an EAN-13 in the columns of some codes
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)), formats=zxingcpp.BarcodeFormat.QRCode)
    return found


@pytest.mark.parametrize(("jws", "version"), [(SMALL, 19), (LARGEST, 22)], ids=["3 doses", "largest"])
def test_a_reader_gets_the_card_back_from_the_picture(jws, version):
    found = scan(png(jws))

    assert found.text == "shc:/" + numeric(jws)
    assert decode_numeric(found.text) == jws
    assert found.extra["Version"] == str(version)
    assert found.ec_level == "L"


def test_the_prefix_is_bytes_and_the_card_is_digits_or_the_code_would_be_too_large():
    code = qr_code(LARGEST)

    assert code.mode is None  # segno's word for several
    assert segno.make_qr("shc:/" + numeric(LARGEST), error="L").version > 22


def test_one_character_more_is_refused_without_showing_it():
    with pytest.raises(ValueError, match=r"^the card has 1196 characters, a QR code takes 1195$"):
        png(LARGEST + "a")


@pytest.mark.parametrize("jws", [SMALL, LARGEST], ids=["3 doses", "largest"])
def test_the_picture_is_small_sharp_and_black_and_white(jws):
    picture = png(jws)
    image = Image.open(io.BytesIO(picture))
    image.load()

    assert len(picture) < 10_000
    assert image.mode == "1"
    assert image.size == ((len(qr_code(jws).matrix) + 8) * 7,) * 2


def test_the_picture_is_the_one_that_segno_draws():
    expected = io.BytesIO()
    qr_code(SMALL).save(expected, kind="png", scale=7, border=4)

    assert Image.open(io.BytesIO(png(SMALL))).tobytes() == Image.open(expected).tobytes()


def test_the_svg_draws_the_same_code():
    drawing = svg(SMALL, "QR code")

    assert scan(drawn(drawing)).text == "shc:/" + numeric(SMALL)


def test_the_svg_fits_into_a_page_as_wide_as_its_box_and_says_what_it_is():
    size = len(qr_code(SMALL).matrix) + 8

    element, attributes = first_element(svg(SMALL, 'Ana & "Bo" <b>'))

    assert element == "svg"
    assert attributes["viewbox"] == f"0 0 {size} {size}"
    assert attributes["role"] == "img"
    assert attributes["aria-label"] == 'Ana & "Bo" <b>'
    assert len(svg(LARGEST, "QR code")) < 20_000
    assert not {"width", "height", "style"} & attributes.keys()


@given(st.text(ALPHABET, min_size=1))
def test_numbers_and_card_are_two_spellings_of_one_thing(jws):
    digits = numeric(jws)

    assert digits.isdecimal()
    assert len(digits) == 2 * len(jws)
    assert decode_numeric(digits) == decode_numeric(f"shc:/{digits}\n") == jws


@settings(max_examples=20)
@given(st.text(ALPHABET, min_size=1, max_size=MAX_JWS))
def test_any_card_decodes_from_its_picture(jws):
    assert decode_numeric(scan(png(jws)).text) == jws


@pytest.mark.parametrize("jws", ["", "a b", "é", "a\n", "a=", "a/b"])
def test_what_is_no_jws_has_no_numbers(jws):
    with pytest.raises(ValueError, match=r"^not a JWS$"):
        numeric(jws)


@pytest.mark.parametrize("text", ["", "shc:/", "shc:/567", "shc:/1/2/5676", "shc:/78", "https://x", "٥٦"])
def test_what_is_no_whole_card_is_refused(text):
    with pytest.raises(ValueError, match="not the digits"):
        decode_numeric(text)


def drawn(drawing):
    """The svg's strokes as a picture: `M<x> <y>.5`, then `h<length>` dark and `m<length> 0` light."""
    _, attributes = first_element(drawing)
    size = int(attributes["viewbox"].split()[2])
    image = Image.new("1", (size, size), 1)
    x = y = 0
    for left, top, dark, light in re.findall(r"M(\d+) (\d+)\.5|h(\d+)|m(\d+) 0", drawing.rpartition(" d=")[2]):
        if dark:
            image.paste(0, (x, y, x + int(dark), y + 1))
        x, y = (int(left), int(top)) if left else (x + int(dark or light), y)
    picture = io.BytesIO()
    image.resize((size * 4, size * 4)).save(picture, "png")
    return picture.getvalue()


def first_element(html):
    seen = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: seen.append((tag, dict(attributes)))
    parser.feed(html)
    return seen[0]
