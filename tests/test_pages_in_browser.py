"""The pages in a real browser at the size of a phone: a whole conversation, the PIN, the record."""

import io
import json
import re
import shutil
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from browser import PHONE_SIZE, Window, running_app
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from bot.cards.qr import decode_numeric
from bot.transcripts.app import open_app
from bot.transcripts.suite import run_chat

pytestmark = pytest.mark.browser

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
FLOW = Path(__file__).parent.parent / "flows" / "vaccine_record"
PIN = "4821"
REFUSED = "Failed to load resource: the server responded with a status of 403 (FORBIDDEN)"
NOT_FOUND = "Failed to load resource: the server responded with a status of 404 (NOT FOUND)"
WORK = 20_000  # milliseconds that the worker may take on a busy machine


@pytest.fixture(scope="module")
def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of the app, which starts only where there is a browser to use it."""
    with running_app(tmp_path_factory.mktemp("var")) as running:
        yield running


@pytest.fixture
def desk(window: Window, address: str) -> Page:
    """The page with one phone on it, listening for what comes later."""
    page = window.open(f"{address}/phone")
    page.wait_for_selector("[data-listening]")
    return page


@pytest.fixture(scope="module")
def link(browser: Browser, address: str) -> str:
    """Omar's link: for tests that only look at what is behind one."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/phone")
        page.wait_for_selector("[data-listening]")
        return str(ask_for_link(page, "omar", "1", "Omar", "Haddad", "November 5 1972").get_attribute("href"))


def texts(phone: Locator, *bodies: str) -> None:
    """Text one after the other, each when the one before is answered."""
    for body in bodies:
        answers = phone.locator(".theirs")
        before = answers.count()
        phone.locator("[data-body]").fill(body)
        phone.locator("[data-body]").press("Enter")
        expect(answers.nth(before)).to_be_visible()


def ask_for_link(page: Page, person: str, *answers: str) -> Locator:
    page.click(f"[data-person={person}]")
    phone = page.locator("[data-phone][data-active]")
    texts(phone, "Hi", *answers, "1", "1", PIN, "1")
    link = phone.locator(".theirs a")
    expect(link).to_be_visible(timeout=WORK)
    return link


def try_pin(page: Page, pin: str) -> None:
    page.fill("#pin", pin)
    page.keyboard.press("Enter")


def card_in(picture: bytes) -> dict[str, object]:
    """What a verifier's camera reads: the header of the card's JWS, which is there and says how it is signed."""
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)), formats=zxingcpp.BarcodeFormat.QRCode)
    header, payload, signature = decode_numeric(code.text).split(".")
    assert payload
    assert signature
    decoded: dict[str, object] = json.loads(b64decode(header))
    return decoded


def b64decode(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def is_too_wide(page: Page) -> bool:
    page.set_viewport_size({"width": 320, "height": 640})
    return bool(page.evaluate("document.documentElement.scrollWidth > 320"))


def test_ana_asks_for_her_record_and_opens_it(window: Window, desk: Page) -> None:
    link = ask_for_link(desk, "ana", "1", "Ana", "Reyes", "3/27/1985")
    with desk.expect_popup() as opened:
        link.click()
    page = opened.value
    expect(page.get_by_role("heading", level=1)).to_have_text("Open your vaccine record")

    try_pin(page, "9173")
    alert = page.get_by_role("alert")
    expect(alert).to_have_text("That PIN is not right. You have 4 tries left.")
    expect(page.locator("#pin")).to_be_focused()
    expect(page.locator("#pin")).to_have_attribute("aria-invalid", "true")
    try_pin(page, PIN)

    expect(page.locator(".person")).to_contain_text("Ana Reyes")
    expect(page.locator(".person")).to_contain_text("March 27, 1985")
    expect(page.locator(".dose")).to_have_count(2)
    expect(page.locator(".dose").first).to_contain_text("EW0162")
    assert card_in(page.locator(".qr").screenshot())["alg"] == "ES256"
    assert window.complaints == [REFUSED]
    window.complaints.clear()


def test_the_record_can_be_kept(browser: Browser, link: str) -> None:
    with browser.new_context(viewport=PHONE_SIZE, accept_downloads=True) as context:
        page = Window(context).open(link)
        try_pin(page, PIN)

        with page.expect_download() as picture:
            page.get_by_role("link", name="Save as picture").click()
        with page.expect_download() as card:
            page.get_by_role("link", name="Save the card file").click()

        assert picture.value.suggested_filename == "vaccine-record.png"
        assert card_in(picture.value.path().read_bytes())["zip"] == "DEF"
        assert card.value.suggested_filename == "vaccine-record.smart-health-card"
        assert json.loads(card.value.path().read_text())["verifiableCredential"]


@pytest.mark.parametrize(("agent", "shown"), [(IPHONE, 1), (None, 0)], ids=["iphone", "another"])
def test_apple_health_is_offered_where_it_exists(browser: Browser, link: str, agent: str | None, shown: int) -> None:
    with browser.new_context(user_agent=agent) as context:
        page = Window(context).open(link)
        try_pin(page, PIN)

        expect(page.locator(".record")).to_be_visible()
        expect(page.get_by_role("link", name="Add to Apple Health")).to_have_count(shown)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_without_javascript_opens_the_record(browser: Browser, link: str, scheme: str) -> None:
    with browser.new_context(java_script_enabled=False, color_scheme=scheme, viewport=PHONE_SIZE) as context:
        page = Window(context).open(link)
        try_pin(page, PIN)

        assert card_in(page.locator(".qr").screenshot())


def test_a_pin_that_is_no_pin_is_answered_in_our_words(window: Window, link: str) -> None:
    page = window.open(link)

    try_pin(page, "12")

    expect(page.get_by_role("alert")).to_have_text("Please type the 4 digits of your PIN.")
    window.complaints.clear()  # status 422


def test_a_link_that_is_gone_says_so_in_every_language(window: Window, address: str) -> None:
    page = window.open(f"{address}/r/gone")

    expect(page.locator("section[lang=en] h1")).to_have_text("This link does not work any more")
    expect(page.locator("section[lang=es] h1")).to_have_text("Este enlace ya no funciona")
    assert not is_too_wide(page)
    assert window.complaints == [NOT_FOUND]
    window.complaints.clear()


def test_the_pages_name_their_language_and_fit_a_narrow_phone(window: Window, link: str) -> None:
    page = window.open(link)
    html = page.locator("html")
    expect(html).to_have_attribute("lang", "en")
    expect(html).to_have_attribute("dir", "ltr")
    assert not is_too_wide(page)

    try_pin(page, PIN)

    expect(page.locator(".record")).to_be_visible()
    expect(html).to_have_attribute("lang", "en")
    assert not is_too_wide(page)


def test_a_spanish_picture_is_in_the_bubble(desk: Page) -> None:
    desk.click("[data-person=grace]")
    phone = desk.locator("[data-phone]")

    texts(phone, "Hola", "2", "Grace", "Okafor", "7/19/1968", "1", "ACEPTO", PIN, "2")

    expect(phone.locator("img")).to_be_visible(timeout=WORK)
    desk.wait_for_function("document.querySelector('img').naturalWidth > 0")
    expect(phone.locator(".theirs").last).to_contain_text("QR")
    expect(phone.locator(".segments").last).to_have_text("picture message")
    address = str(phone.locator(".theirs a").get_attribute("href"))
    assert card_in(desk.request.get(address).body())


def test_each_phone_has_a_conversation_of_its_own(desk: Page) -> None:
    first, second = desk.locator("[data-phone]").first, desk.locator("[data-phone]").nth(1)
    desk.click("[data-person=jose]")
    texts(first, "Hi", "2")

    desk.click("#another")
    desk.click("[data-person=margaret]")
    texts(second, "Hi", "1")

    expect(first.locator(".theirs")).to_have_count(2)
    expect(first.locator(".theirs").last).to_contain_text("nombre")
    expect(second.locator(".theirs").last).to_contain_text("first name")
    assert not is_too_wide(desk)


def test_what_goes_to_an_email_is_in_the_mailbox(desk: Page) -> None:
    desk.click("[data-person=priya]")
    answers = ("Hi", "1", "Priya", "Natarajan", "4/17/1994", "priya.natarajan@example.org", "AGREE", PIN)

    texts(desk.locator("[data-phone]"), *answers)

    letter = desk.locator("#mailbox [data-to='priya.natarajan@example.org']")
    expect(letter.get_by_role("link")).to_be_visible(timeout=WORK)
    expect(desk.locator("[data-phone] .theirs a")).to_have_count(0)


def test_what_goes_to_another_phone_is_on_that_phone(desk: Page) -> None:
    desk.click("#another")
    desk.locator("input[data-number]").nth(1).fill("360-555-0112")
    desk.locator("[data-body]").first.focus()
    desk.click("[data-person=tom]")

    first = desk.locator("[data-phone]").first
    texts(first, "Hi", "1", "Tom", "Kowalski", "12/31/1977", "360-555-0112", "AGREE", PIN)

    expect(desk.locator("[data-phone]").nth(1).locator(".theirs a")).to_be_visible(timeout=WORK)
    expect(desk.locator("#mailbox .letter")).to_have_count(0)


def test_silence_and_wrong_numbers_are_said_in_words(window: Window, desk: Page) -> None:
    desk.click("[data-person=ben]")
    body, number = desk.locator("[data-body]"), desk.locator("input[data-number]")
    body.fill("STOP")
    body.press("Enter")
    expect(desk.locator(".silence")).to_have_text("(silence)")
    number.fill("12")
    body.fill("Hi")
    body.press("Enter")

    expect(desk.locator(".problem")).to_contain_text("“12” is not a phone number")
    window.complaints.clear()  # status 400


def test_a_click_on_an_answer_puts_it_into_the_field(desk: Page) -> None:
    desk.click("[data-person=lars]")

    desk.get_by_role("button", name="born 05/17/1983").click()

    expect(desk.locator("[data-body]")).to_have_value("05/17/1983")
    expect(desk.locator("[data-body]")).to_be_focused()


def test_a_conversation_is_saved_as_a_test_that_passes(window: Window, address: str) -> None:
    desk = window.open(f"{address}/phone")
    desk.wait_for_selector("[data-listening]")
    desk.click("[data-person=grace]")
    phone = desk.locator("[data-phone]")
    phone.locator("[data-body]").fill("STOP")  # whatever this phone was doing
    phone.locator("[data-body]").press("Enter")
    expect(phone.locator(".silence")).to_be_visible()
    ask_for_link(desk, "grace", "1", "Grace", "Okafor", "July 19 1968")
    texts(phone, "help me", "LINK")

    with desk.expect_download() as saved:
        desk.get_by_role("button", name="Save as test").click()

    assert saved.value.suggested_filename == "grace.chat"
    text = saved.value.path().read_text(encoding="utf-8")
    assert "as +13605550102  record grace\n" in text
    assert "\n> STOP\n< (silence)\n> Hi\n< welcome\n" in text
    assert "! work\n< done\n> help me\n< help\n> LINK\n< last.link\n" in text
    with open_app(FLOW) as app:
        assert run_chat(app, "grace.chat", text).difference == ""
    assert not is_too_wide(desk)


@pytest.fixture(scope="module")
def all_vaccines(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an app whose flow shows every vaccine."""
    folder = Path(shutil.copytree(FLOW, tmp_path_factory.mktemp("flow") / "all"))
    flow = folder / "flow.yaml"
    flow.write_text(flow.read_text(encoding="utf-8").replace("vaccines: [COVID-19]", "vaccines: all"), encoding="utf-8")
    for path in folder.glob("text/*.yaml"):
        text = re.sub(r"(?m)^  record_name: .*$", "  record_name: vaccine record", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
    with running_app(tmp_path_factory.mktemp("all"), flow=folder) as running:
        yield running


def test_a_page_of_many_vaccines_has_a_code_that_scans_for_each(window: Window, all_vaccines: str) -> None:
    desk = window.open(f"{all_vaccines}/phone")
    desk.wait_for_selector("[data-listening]")
    link = ask_for_link(desk, "elena", "1", "Elena", "Castillo", "August 22 2012")
    page = window.open(str(link.get_attribute("href")))

    try_pin(page, PIN)

    codes = page.locator(".qr")
    expect(codes).to_have_count(7)
    expect(page.locator(".group")).to_have_count(7)
    signed = {json.dumps(card_in(codes.nth(number).screenshot())) for number in range(7)}
    assert len(signed) == 1  # the same header, whatever is below it
    page.get_by_role("link", name="Polio").click()
    expect(page.locator("h2", has_text="Polio")).to_be_in_viewport()
    assert not is_too_wide(page)
