"""Every page in every language, state and light: for screen readers, keyboards, large letters, old phones and paper."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from axe import violations, violations_by_day_and_night
from drawings import Pdf, scan
from PIL import Image
from playwright.sync_api import Browser, FloatRect, Page, ViewportSize, expect
from showing import EVERYTHING, PEOPLE, PIN, WRONG, Office, open_office

from bot.records import VaccineRecord

pytestmark = pytest.mark.browser

LANGUAGES = ("en", "es", "zh-Hans", "zh-Hant", "ko", "vi", "ar", "tl")
PHONE: ViewportSize = {"width": 390, "height": 844}
SMALL: ViewportSize = {"width": 360, "height": 640}
TWICE: ViewportSize = {"width": 195, "height": 422}  # a phone of 390 at 200 %
ANA = PEOPLE["ana"]
DOSE = replace(ANA.immunizations[0], place="Fairgrounds Vaccination Site")
TWELVE = replace(
    ANA,
    given=("Wolfeschlegelstein", "Maria-Theresia"),
    family="Hausenbergerdorff",
    immunizations=tuple(replace(DOSE, date=date(2021, 1, 5) + timedelta(days=120 * n)) for n in range(12)),
)
RECORDS: dict[str, tuple[VaccineRecord, dict[str, Any]]] = {
    "one group": (ANA, {}),
    "several groups": (PEOPLE["elena"], {"show": EVERYTHING}),
    "a dose left out": (PEOPLE["henry"], {}),
    "no card": (PEOPLE["nina"], {}),
    "twelve doses": (TWELVE, {}),
    "taken back": (ANA, {"taken_back": 1}),
    "some taken back": (PEOPLE["elena"], {"show": EVERYTHING, "taken_back": 2}),
}

FIRST_SCREEN = ("one group", "several groups", "twelve doses")


@pytest.fixture(scope="module")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("var")) as running:
        yield running


@pytest.fixture(scope="module")
def crowded(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("crowded"), crowded=True) as running:
        yield running


@pytest.fixture(scope="module")
def hurried(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("hurried"), posts=1) as running:
        yield running


def try_pin(page: Page, pin: str = PIN) -> None:
    page.fill("#pin", pin)
    with page.expect_navigation():
        page.keyboard.press("Enter")


@contextmanager
def shown(
    browser: Browser, office: Office, name: str = "one group", language: str = "en", **window: object
) -> Iterator[Page]:
    """A record, opened, in a window of its own."""
    record, how = RECORDS[name]
    with browser.new_context(**{"viewport": PHONE, **window}) as context:
        page = context.new_page()
        page.goto(office.link(record, language, **how))
        try_pin(page)
        yield page


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_the_pin_page_in_any_state(
    language: str, browser: Browser, office: Office, crowded: Office, hurried: Office
) -> None:
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(office.link(ANA, language))
        found = {"form": violations_by_day_and_night(page, language)}
        for state, pin in (("no pin", "12"), ("wrong", WRONG), ("", WRONG), ("", WRONG), ("last try", WRONG)):
            try_pin(page, pin)
            if state:
                found[state] = violations_by_day_and_night(page, language)
        try_pin(page, WRONG)
        found["gone"] = violations_by_day_and_night(page, language)
        page.goto(f"{office.address}/m/{'a' * 26}.png")
        found["download over"] = violations_by_day_and_night(page, language)
        page.goto(office.address)
        found["wrong address"] = violations_by_day_and_night(page, language)
        page.goto(crowded.link(ANA, language))
        try_pin(page)
        found["busy"] = violations_by_day_and_night(page, language)
        for _ in range(2):
            page.goto(hurried.link(ANA, language))
            try_pin(page, WRONG)
        expect(page.locator("h1").first).to_have_text("Please wait a little")
        found["too many posts"] = violations_by_day_and_night(page, language)

    assert {state: broken for state, broken in found.items() if broken} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_record_has_no_violations_its_code_on_the_first_screen_and_nothing_cut_off_at_200_percent(
    language: str, browser: Browser, office: Office
) -> None:
    """Each is opened once, and turned about: what a PIN costs is not paid for every look."""
    found = {}
    for name in RECORDS:
        with shown(browser, office, name, language) as page:
            found[name] = violations_by_day_and_night(page, language)
            if name in FIRST_SCREEN:
                found[name] += [fault for size in (PHONE, SMALL) for fault in _below_the_first_screen(page, size)]
            page.set_viewport_size(TWICE)
            found[name] += _too_wide(page)

    assert {name: faults for name, faults in found.items() if faults} == {}


def _below_the_first_screen(page: Page, size: ViewportSize) -> list[str]:
    """What of name, birth date and the first code is not seen at once; and a code that is too small to scan."""
    page.set_viewport_size(size)
    boxes = {str(fact): fact.bounding_box() for fact in (page.locator(".qr").first, *page.locator(".person dd").all())}
    faults = [fact for fact, box in boxes.items() if not _is_inside(box, size)]
    code = page.locator(".qr").first.bounding_box()
    quiet = 2 * 4 / 113  # of the largest code
    wide_enough = code and code["width"] * (1 - quiet) >= 0.75 * size["width"]
    return faults if wide_enough else [*faults, f"a code in {code}"]


def _is_inside(box: FloatRect | None, size: ViewportSize) -> bool:
    return bool(box and box["y"] >= 0 and box["y"] + box["height"] <= size["height"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_phone_page(scheme: str, browser: Browser, office: Office) -> None:
    with browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(f"{office.address}/phone")
        page.wait_for_selector("[data-listening]")

        assert violations(page) == []


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("language", ["en", "vi", "ar"])
def test_a_record_is_one_request_of_less_than_150_kb(
    name: str, language: str, browser: Browser, office: Office
) -> None:
    record, how = RECORDS[name]
    with browser.new_context(viewport=PHONE) as context:
        page, complaints = context.new_page(), []
        page.goto(office.link(record, language, **how))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.fill("#pin", PIN)
        with page.expect_response("**") as answer:
            page.keyboard.press("Enter")
        page.wait_for_load_state("networkidle")

        assert asked == [page.url]
        assert len(answer.value.body()) < 150_000
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.issuer')).backgroundColor") == "rgb(20, 69, 107)"
        )
        assert page.evaluate("document.querySelector('.issuer img').naturalWidth") > 0
        assert complaints == []


def test_each_group_shows_its_heading_and_its_whole_code_when_it_is_jumped_to(browser: Browser, office: Office) -> None:
    with shown(browser, office, "several groups", viewport=SMALL) as page:
        links = page.locator(".contents a")
        expect(links).to_have_count(6)
        for number in range(6):
            links.nth(number).click()
            expect(page.locator(".group").nth(number + 1)).to_be_in_viewport(ratio=1)
            if number < 5:
                expect(page.locator(".qr").nth(number + 1)).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_200_percent_the_other_pages_are_whole_and_nobody_scrolls_sideways(
    language: str, browser: Browser, office: Office
) -> None:
    with browser.new_context(viewport=TWICE) as context:
        page = context.new_page()
        page.goto(office.link(ANA, language))
        try_pin(page, WRONG)
        assert _too_wide(page) == []
        for path in ("/r/gone", "/m/over.png", "/"):
            page.goto(f"{office.address}{path}")
            assert _too_wide(page) == [], path


def _too_wide(page: Page) -> list[str]:
    """The page, if it can be scrolled sideways, and whatever hides a part of itself or leaves the page."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("html, body, body *")]
          .filter((element) => !element.closest("svg") || element.tagName === "svg")
          .filter((element) => {
            const { left, right } = element.getBoundingClientRect();
            return element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline"
              || right > innerWidth + 1 || left < -1;
          })
          .map((element) => element.outerHTML.slice(0, 80))"""
    )
    return found


def test_a_keyboard_reaches_everything_in_order_and_shows_where_it_is(browser: Browser, office: Office) -> None:
    with shown(browser, office, "several groups") as page:
        places = page.locator("a[href], button, input")
        for number in range(places.count()):
            page.keyboard.press("Tab")

            expect(places.nth(number)).to_be_focused()
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
            expect(places.nth(number)).to_be_in_viewport()


def test_a_keyboard_alone_opens_a_record_and_is_back_in_the_field_after_a_mistake(
    browser: Browser, office: Office
) -> None:
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(office.link(ANA))
        page.keyboard.press("Tab")
        expect(page.locator("#pin")).to_be_focused()
        page.keyboard.type(WRONG)
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Open")).to_be_focused()
        with page.expect_navigation():
            page.keyboard.press("Enter")

        alert = page.get_by_role("alert")
        expect(page.locator("#pin")).to_be_focused()
        expect(page.locator("#pin")).to_have_accessible_description(
            "That PIN is not right. You have 4 tries left. The PIN that you chose when you asked for the record."
        )
        expect(page).to_have_title("That PIN is not right. You have 4 tries left. – Open your vaccine record")
        assert (
            alert.evaluate("alert => alert.compareDocumentPosition(document.getElementById('pin'))") == 4
        )  # before it
        page.keyboard.type(PIN)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.locator(".record")).to_be_visible()


TRIES = {
    "en": ("4 tries left", "3 tries left", "2 tries left", "one try left"),
    "es": ("4 intentos", "3 intentos", "2 intentos", "un intento"),
    "zh-Hans": ("4 次", "3 次", "2 次", "试一次"),
    "zh-Hant": ("4 次", "3 次", "2 次", "試一次"),
    "ko": ("4 번", "3 번", "2 번", "한 번"),
    "vi": ("4 lần thử", "3 lần thử", "2 lần thử", "một lần thử"),
    "ar": ("4 محاولات", "3 محاولات", "محاولتان", "محاولة واحدة"),
    "tl": ("4 pagsubok", "3 pagsubok", "2 pagsubok", "Isang pagsubok"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tries_that_are_left_are_told_as_the_language_counts(
    language: str, browser: Browser, office: Office
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(office.link(ANA, language))
        for told in TRIES[language]:
            try_pin(page, WRONG)
            expect(page.get_by_role("alert")).to_contain_text(told)


def test_phones_show_digits_to_type_the_pin_with_and_offer_to_keep_nothing(browser: Browser, office: Office) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(office.link(ANA, "ar"))
        field = page.locator("#pin")

        for name, value in (
            ("inputmode", "numeric"),
            ("autocomplete", "off"),
            ("maxlength", "8"),
        ):
            expect(field).to_have_attribute(name, value)
        expect(page.locator("input")).to_have_count(1)
        assert field.get_attribute("pattern") is None


@pytest.mark.parametrize("digits", ["٤٨٢١", "۴۸۲۱", "４８２１", "४८२१", "𞥔𞥘𞥒𞥑"], ids=["ar", "fa", "wide", "hi", "ff"])
def test_a_browser_lets_the_digits_of_every_script_through(digits: str, browser: Browser, office: Office) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(office.link(ANA, "ar"))
        page.type("#pin", digits)
        with page.expect_navigation():
            page.keyboard.press("Enter")

        expect(page.locator(".record")).to_be_visible()


@pytest.mark.parametrize(
    "window", [{"forced_colors": "active"}, {"reduced_motion": "reduce"}], ids=["contrast", "motion"]
)
def test_what_a_reader_has_set_is_respected(window: dict[str, object], browser: Browser, office: Office) -> None:
    with shown(browser, office, "one group", "en", **window) as page:
        moving = "[...document.querySelectorAll('*')].filter(one => one.getAnimations().length)"
        assert page.evaluate(f"{moving}.length") == 0
        assert _dark_share(page.locator(".qr").screenshot()) == pytest.approx(0.42, abs=0.12)
        assert violations(page) == []


def test_in_the_dark_the_code_stays_black_on_white(browser: Browser, office: Office) -> None:
    with shown(browser, office, "one group", "en", color_scheme="dark") as page:
        assert page.evaluate("getComputedStyle(document.querySelector('.qr')).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
        assert _dark_share(page.locator(".qr").screenshot()) == pytest.approx(0.42, abs=0.12)


def _dark_share(picture: bytes) -> float:
    grey = Image.open(io.BytesIO(picture)).convert("L")
    return sum(grey.histogram()[:64]) / (grey.width * grey.height)


def test_without_javascript_every_download_is_a_plain_link(browser: Browser, office: Office) -> None:
    with shown(browser, office, "one group", "en", java_script_enabled=False) as page:
        for name, ending in (("Save as picture", ".png"), ("Save as PDF", ".pdf"), ("Save the card file", "-card")):
            with page.expect_download() as download:
                page.get_by_role("link", name=name).click()
            assert download.value.suggested_filename.endswith(ending)
            assert os.path.getsize(download.value.path()) > 500


@pytest.mark.parametrize("paper", ["Letter", "A4"])
def test_on_paper_a_record_is_one_page_with_a_code_of_forty_millimetres_and_no_buttons(
    paper: str, browser: Browser, office: Office
) -> None:
    for name, language in (("one group", "en"), ("one group", "ar"), ("twelve doses", "en")):
        with shown(browser, office, name, language, color_scheme="dark") as page:
            printed = Pdf(page.pdf(format=paper))
        found = scan(printed.drawn(dots=150))
        try:
            assert len(printed) == 1, (name, language)
            assert found.box[2] - found.box[0] >= 40 / 25.4 * 150
            assert "Save as" not in printed.text()
            assert printed.drawn().getpixel((5, 5)) == (255, 255, 255)
        finally:
            printed.close()
