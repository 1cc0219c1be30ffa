"""The drawn card: a picture whose code any reader scans, a PDF of one page, and every name in its own letters."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from drawings import BRAND, JWS, Pdf, card, drawing, opened, scan
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from bot.cards import qr
from bot.conversation.brand import Brand
from bot.drawing import fonts
from bot.drawing.draw import Drawer, DrawingBusy
from bot.drawing.drawing import Drawing
from bot.drawing.fonts import NO_LETTER, writable

LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9H0z" fill="#00ff00"/></svg>'
LANGUAGES = ("en", "es", "zh-Hans", "zh-Hant", "ko", "vi", "ar", "tl")
SHC = f"shc:/{qr.numeric(JWS)}"
NAMES = {
    "Spanish": "José Muñoz Peñalver",
    "Vietnamese": "Nguyễn Thị Ánh Tuyết",
    "Russian": "Сергей Щёголев",
    "Greek": "Γιώργος Παπαδόπουλος",
    "simplified": "王小明",
    "traditional": "陳麗華",
    "Korean": "김민준",
    "Japanese": "佐藤さくら",
    "Arabic": "محمد عبد الرحمن",
    "Persian": "زهرا می‌رزایی",
    "Hebrew": "שרה כהן",
    "Armenian": "Գևորգ Հակոբյան",
    "Georgian": "გიორგი ბერიძე",
    "Amharic": "አበበ ቢቂላ",
    "Thai": "สมชาย ใจดี",
    "Lao": "ສົມໄຊ",
    "Khmer": "សុខា",
    "Burmese": "အောင်မြင့်",
    "Hindi": "प्रिया शर्मा",
    "Bengali": "প্রিয়া",
    "Punjabi": "ਗੁਰਪ੍ਰੀਤ",
    "Gujarati": "પ્રિયા",
    "Tamil": "பிரியா",
    "Telugu": "ప్రియ",
    "Kannada": "ಪ್ರಿಯಾ",
    "Malayalam": "പ്രിയ",
    "Sinhala": "ප්‍රියා",
    "Yoruba": "Ọlọ́rùnṣọlá",
    "Hawaiian": "Kaʻiulani",
}
MARKUP = [
    "#panic()",
    "#read(\"/etc/passwd\")",
    "#let x = 1",
    "$x^2$",
    "\\",
    "\\u{41}",
    "[*bold*]",
    "]",
    "`raw`",
    "// gone",
    "/* gone */",
    '"quoted"',
    "'quoted'",
    "= Heading",
    "- item",
    "<label>",
    "@reference",
    "https://x.example",
    "~",
    "--- --",
    "</text><script>",
    "{{ 7*7 }}",
    "&amp;",
]  # fmt: skip


@pytest.fixture(scope="module")
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
def pdf(drawer: Drawer) -> Iterator[Callable[[Drawing], Pdf]]:
    made: list[Pdf] = []

    def make(drawn: Drawing) -> Pdf:
        made.append(Pdf(drawer.pdf(drawn, BRAND)))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_the_picture_holds_the_card_for_any_reader_and_is_as_wide_as_a_phone(drawer: Drawer) -> None:
    picture = opened(drawer.picture(drawing(), BRAND))

    assert scan(picture).text == SHC
    assert picture.width == 1080


@pytest.mark.parametrize("heading", ["", "Diphtheria, tetanus, whooping cough"])
@pytest.mark.parametrize("name", ["Ana Reyes", "Ana " * 40])
def test_each_module_of_the_picture_is_a_whole_number_of_pixels(drawer: Drawer, heading: str, name: str) -> None:
    """Seen from the picture: it is the code's own matrix, enlarged without a grey edge, with white around it."""
    picture = opened(drawer.picture(replace(drawing(name=name), cards=(card(2, heading),)), BRAND))
    left, top, right, bottom = scan(picture).box
    rows = qr.qr_code(JWS).matrix
    module = 1080 // (len(rows) + 2 * qr.QUIET)

    side = len(rows) * module
    left, top = round((left + right - side) / 2), round((top + bottom - side) / 2)
    around = qr.QUIET * module
    expected = Image.frombytes("L", (len(rows),) * 2, bytes(255 * (1 - dark) for row in rows for dark in row))
    shifts = [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]  # the reader's corners are a pixel off
    seen = [picture.crop((left + dx, top + dy, left + dx + side, top + dy + side)) for dx, dy in shifts]
    wanted = expected.resize((side, side), Image.Resampling.NEAREST).convert("RGB")
    exact = [
        shift for shift, crop in zip(shifts, seen, strict=True) if not ImageChops.difference(crop, wanted).getbbox()
    ]

    assert len(exact) == 1
    above = (left - around + 1, top - around + 1, left + side + around - 1, top - 1)
    assert picture.crop(above).getcolors() == [
        ((left + side + around - 1 - above[0]) * (top - 1 - above[1]), (255,) * 3)
    ]


def test_the_pdf_is_one_page_that_fits_letter_and_a4(pdf: Callable[[Drawing], Pdf]) -> None:
    made = pdf(drawing())

    width, height = made.size()
    assert len(made) == 1
    assert width <= 210.01
    assert height <= 279.41


def test_the_code_of_the_pdf_is_drawn_in_lines_and_at_least_forty_millimetres_wide(
    pdf: Callable[[Drawing], Pdf],
) -> None:
    made = pdf(drawing())

    found = scan(made.drawn(dots=150))
    assert found.text == SHC
    assert (found.box[2] - found.box[0]) / 150 * 25.4 >= 40
    assert made.images() == 0


def test_the_pdf_says_what_it_is_in_which_language_and_whose(pdf: Callable[[Drawing], Pdf]) -> None:
    made = pdf(drawing(language="es"))

    assert made.about["Title"] == "COVID-19 vaccine record"
    assert made.about["Author"] == "State vaccine registry"
    assert made.language == "es"
    assert made.is_tagged
    assert "Reyes" not in str(made.about)


def test_the_text_of_the_pdf_can_be_selected_and_read_in_its_order(pdf: Callable[[Drawing], Pdf]) -> None:
    lines = pdf(drawing()).text().split("\n")

    order = ["State vaccine registry", "COVID-19 vaccine record", "Ana Reyes", "March 27, 1985", "4GSB-CDHQJ-R82RP"]
    places = [lines.index(line) for line in order]
    assert places == sorted(places)
    doses = [line for line in lines if line.startswith(("Dose", "Lot"))]
    assert [line.split()[:2] for line in doses] == [["Dose", "1"], ["Lot", "EW0162"], ["Dose", "2"], ["Lot", "EW0162"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_twelve_doses_with_long_names_fit_one_page(language: str, pdf: Callable[[Drawing], Pdf]) -> None:
    long = {"product": "Vaccine with a long name " * 3, "place": "Place " * 12, "mark": "**"}
    notes = (("*", "Not in the code, because of its length. " * 3), ("**", "Not in the code, which is full. " * 3))
    twelve = replace(card(12, "Diphtheria, tetanus, whooping cough", **long), notes=notes)
    full = drawing(language=language, name="Wolfeschlegelsteinhausenbergerdorff " * 3)

    made = pdf(replace(full, cards=(twelve,), advice=(("How", "words " * 60),) * 3))

    assert len(made) == 1
    assert made.text().count("Lot") == 12
    assert scan(made.drawn()).text == SHC


def test_a_note_below_the_doses_makes_the_picture_longer_and_moves_no_code(drawer: Drawer) -> None:
    marked = replace(card(2, mark="*"), notes=(("*", "Not in the QR code."),))

    plain = opened(drawer.picture(drawing(), BRAND))
    noted = opened(drawer.picture(replace(drawing(), cards=(marked,)), BRAND))

    assert scan(noted) == scan(plain)
    assert noted.width == plain.width
    assert noted.height > plain.height


def test_what_is_too_much_for_one_page_goes_on_and_loses_nothing(pdf: Callable[[Drawing], Pdf]) -> None:
    endless = replace(drawing(), cards=(card(12, place="Place of " * 300),))

    made = pdf(endless)

    assert sum(made.text(page).count("EW0162") for page in range(len(made))) == 12


def test_several_groups_have_a_page_each_and_one_without_a_card_has_no_code(pdf: Callable[[Drawing], Pdf]) -> None:
    bare = replace(card(1, "Other vaccines"), qr="", modules=0, facts=())

    made = pdf(replace(drawing(), cards=(card(2, "COVID-19"), card(3, "Flu"), bare)))

    assert len(made) == 3
    assert ["Flu" in made.text(page) for page in range(3)] == [False, True, False]
    assert "Dose 1" in made.text(2)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_is_drawn_in_its_own_letters(name: str, pdf: Callable[[Drawing], Pdf]) -> None:
    assert NO_LETTER not in writable(name)

    for language, direction in (("en", "ltr"), ("ar", "rtl")):
        text = pdf(drawing(name=name, language=language, direction=direction)).text()
        assert "A box stands for a letter." not in text


@pytest.mark.parametrize(
    "name", ["José Muñoz", "Nguyễn Thị Ánh", "Сергей", "Γιώργος", "王小明", "김민준", "محمد رحمن", "שרה"]
)
def test_a_name_is_copied_out_of_the_pdf_as_it_was(name: str, pdf: Callable[[Drawing], Pdf]) -> None:
    assert name in pdf(drawing(name=name)).text()


def test_han_characters_have_the_form_of_the_readers_language(drawer: Drawer) -> None:
    forms = {language: drawer.picture(drawing(name="骨直令", language=language), BRAND) for language in LANGUAGES}

    assert len({forms["zh-Hans"], forms["zh-Hant"], forms["ko"]}) == 3
    assert fonts.families("zh-Hant")[3] == "Noto Sans CJK TC"


def test_a_letter_that_no_font_has_is_a_box_and_the_card_says_so(pdf: Callable[[Drawing], Pdf]) -> None:
    text = pdf(drawing(name="Ana 😀 \U00012000 Reyes")).text()

    assert f"Ana {NO_LETTER} {NO_LETTER} Reyes" in text
    assert "A box stands for a letter." in text
    assert "A box stands for a letter." not in pdf(drawing()).text()


@pytest.mark.parametrize("piece", MARKUP)
def test_nothing_of_a_registry_is_read_as_markup(piece: str, pdf: Callable[[Drawing], Pdf]) -> None:
    told = replace(drawing(name=f"Ana {piece} Reyes"), cards=(card(1, product=piece, lot=piece, place=piece),))

    text = pdf(told).text()

    assert f"Ana {piece} Reyes" in text
    assert text.count(piece) >= 4


@pytest.mark.parametrize(
    ("given", "drawn"),
    [
        ("Ana\x00\x07\tReyes\r\nX", "Ana Reyes X"),
        ("\u202eseyeR anA", "seyeR anA"),
        ("Ana\u2069\u2068 Reyes", "Ana Reyes"),
        ("Ana \u2068Reyes\u2069", "Ana \u2068Reyes\u2069"),
        ("e\u0301", "é"),
        ("می\u200cرزا", "می\u200cرزا"),
        ("\ufeffAna\u00ad", "Ana"),
        ("", ""),
    ],
    ids=["control", "override", "unbalanced", "balanced", "decomposed", "joiner", "invisible", "nothing"],
)
def test_what_cannot_be_seen_is_left_out(given: str, drawn: str) -> None:
    assert writable(given) == drawn


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.text(max_size=20), st.sampled_from(["en", "zh-Hans", "ar"]))
def test_whatever_a_registry_holds_is_drawn(
    pdf: Callable[[Drawing], Pdf], name: str, place: str, language: str
) -> None:
    """PDF/UA-1 refuses a letter without a drawing, so this also shows that each is noticed."""
    told = replace(drawing(name=name, language=language), cards=(card(1, place=place),))

    assert "4GSB-CDHQJ-R82RP" in pdf(told).text()


def test_a_mark_that_has_no_font_in_common_with_its_letter_is_a_box(pdf: Callable[[Drawing], Pdf]) -> None:
    assert writable("Ana 😀\u0301 Reyes") == f"Ana {NO_LETTER * 2} Reyes"
    assert writable("ก\u0591") == f"ก{NO_LETTER}"
    assert writable("प्रिया Ọlọ́rùn") == "प्रिया Ọlọ́rùn"


def test_a_name_of_five_hundred_letters_without_a_space_stays_on_the_page(drawer: Drawer) -> None:
    long = "A" * 500

    picture = opened(drawer.picture(drawing(name=long), BRAND))

    assert scan(picture).text == SHC
    right = picture.crop((1060, 150, 1080, scan(picture).box[1] - 50))
    assert right.getcolors() == [(right.width * right.height, (255, 255, 255))]


def test_digits_and_letters_stay_whole_among_arabic_words(pdf: Callable[[Drawing], Pdf]) -> None:
    told = drawing(language="ar", direction="rtl", advice=(("خطأ؟", "اتصل على \u20681-833-555-0199\u2069 الآن."),))

    text = pdf(replace(told, person=(("الاسم", "Ana Reyes (Jr.)"),))).text()

    assert "خطأ؟" in text
    assert "اتصل على 1-833-555-0199" in text
    assert "4GSB-CDHQJ-R82RP" in text
    assert "Ana Reyes (Jr.)" in text


def test_the_issuers_colours_and_logo_are_on_picture_and_pdf(drawer: Drawer) -> None:
    brand = Brand("#7a0019", "#00ffff", LOGO, "svg")

    made = Pdf(drawer.pdf(drawing(), brand))
    for picture in (opened(drawer.picture(drawing(), brand)), made.drawn()):
        colours = {colour for _, colour in picture.getcolors(maxcolors=1_000_000)}
        assert {(0x7A, 0, 0x19), (0, 255, 255), (0, 255, 0)} <= colours
    made.close()


def test_who_asks_for_one_too_many_at_once_is_told_so_at_once() -> None:
    with pytest.raises(DrawingBusy):
        Drawer(in_turn=0).pdf(drawing(), BRAND)


def test_of_a_flood_some_are_drawn_and_afterwards_all_is_as_before() -> None:
    drawer = Drawer()

    def ask(_: int) -> str:
        try:
            return "drawn" if drawer.picture(drawing(), BRAND) else ""
        except DrawingBusy:
            return "busy"

    with ThreadPoolExecutor(12) as crowd:
        told = Counter(crowd.map(ask, range(24)))

    assert told["drawn"] >= 1
    assert told["drawn"] + told["busy"] == 24
    assert [ask(0) for _ in range(4)] == ["drawn"] * 4


def test_nothing_of_it_prints_itself() -> None:
    told = drawing()

    assert [repr(told), repr(told.cards[0]), repr(told.cards[0].doses[0])] == [
        "Drawing(...)",
        "DrawnCard(...)",
        "DrawnDose(...)",
    ]
