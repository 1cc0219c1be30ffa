"""The page for the other side of the door, in a real browser: what it says of a card, and in whose words."""

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import segno
from browser import PHONE_SIZE, Window
from photograph import Shot, as_jpeg, photograph
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from vectors.claims import DAY, NOW, claims_of
from vectors.every import every_vector
from vectors.issuers import Issuers
from vectors.signing import as_code
from verify_page import OURS, Door, as_shown, door, facts_shown, paste, says

from bot.cards import qr
from bot.conversation.pages import VERIFY_RESULTS
from bot.records import Immunization, VaccineRecord
from bot.vaccines import COVID

pytestmark = pytest.mark.browser

LANGUAGES = ("en", "es", "zh-Hans", "zh-Hant", "ko", "vi", "ar", "tl")
NOT_LOADED = "Failed to load resource: net::ERR_FAILED"


@pytest.fixture(scope="module")
def at(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with door(tmp_path_factory.mktemp("verify"), Issuers()) as opened:
        yield opened


@pytest.fixture
def page(window: Window, at: Door) -> Page:
    return at.open(window)


def good_card(issuers: Issuers, **more: object) -> str:
    return issuers.neighbour.key.sign(claims_of(issuers.neighbour.iss, **more))


def choose(page: Page, name: str, data: bytes, kind: str = "") -> None:
    """As somebody chooses a file; phones do not always know its type."""
    page.set_input_files("#file", {"name": name, "mimeType": kind, "buffer": data})
    page.wait_for_selector(".result")


def test_the_page_says_of_every_vector_what_python_says(page: Page, at: Door) -> None:
    vectors = every_vector(at.issuers, at.cards, OURS)

    said = {}
    for vector in vectors:
        paste(page, vector.text)
        said[vector.name] = (sorted(says(page)), facts_shown(page))

    assert said == {v.name: (sorted(v.says), [as_shown(facts) for facts in v.facts]) for v in vectors}


def test_a_good_card_is_told_by_words_and_sign_and_then_whose_it_is(page: Page, at: Door) -> None:
    paste(page, good_card(at.issuers))

    result = page.get_by_role("status").filter(has_text="Verified")
    expect(result).to_contain_text("Signed by Neighbour.")
    expect(result.locator("h2")).to_be_focused()
    expect(result.locator("svg.sign")).to_be_visible()
    expect(result).to_contain_text("Compare name and birth date with a photo ID.")
    expect(page.locator(".who")).to_have_text("Ana Reyes")


@pytest.mark.parametrize(
    ("text", "title", "words"),
    [
        ("shc:/567", "Not a complete card", "damaged or cut off. Scan or copy the whole code again."),
        ("eyJhbGciOi.abc", "Not a complete card", "damaged or cut off. Scan or copy the whole code again."),
        ("SHC:/1/3/5676", "Not a complete card", "Ask for a card with a single code."),
        ("%PDF-1.7", "This is a PDF", "take a picture of the code, or choose the card file."),
        (" ", "Nothing to check", "Choose a picture or card file, or paste a code."),
        ("https://records.example.gov/r/AB2CD3", "Not a SMART Health Card", "This is a link."),
    ],
    ids=["a digit lost", "a JWS cut short", "one of several codes", "PDF", "blank", "our link"],
)
def test_what_is_no_whole_card_says_what_to_do(page: Page, text: str, title: str, words: str) -> None:
    paste(page, text)

    alert = page.get_by_role("alert")
    expect(alert.locator("h2")).to_have_text(title)
    expect(alert).to_contain_text(words)
    expect(page.locator("#ways")).to_be_visible()


def test_a_link_with_a_code_is_checked_and_not_followed(page: Page, at: Door) -> None:
    paste(page, f"https://elsewhere.example.org/#{as_code(good_card(at.issuers))}")

    assert says(page) == ["verified"]
    assert page.url.startswith(at.address)


def test_our_own_cards_are_signed_by_who_the_page_says_we_are(page: Page, at: Door) -> None:
    record = VaccineRecord("ana", "Reyes", ("Ana",), date(1985, 3, 27), None, (Immunization("208", date(2021, 3, 18)),))

    paste(page, at.cards.issue(record, COVID).jws)

    expect(page.locator(".told")).to_contain_text("Signed by State vaccine registry.")


def test_a_bad_card_is_an_alert_that_shows_nothing_of_whom_it_names(page: Page, at: Door) -> None:
    paste(page, good_card(at.issuers)[:-86] + "A" * 86)

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Not a valid signature")
    expect(alert).to_contain_text("Do not accept it.")
    expect(page.locator("body")).not_to_contain_text("Reyes")


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"exp": 1_600_000_000}, "it ended on September 13, 2020"),
        ({"nbf": 4_102_444_800}, "valid only from January 1, 2100"),
        ({"nbf": 1e300}, "valid only from ."),
    ],
    ids=["expired", "not yet valid", "beyond every calendar"],
)
def test_a_card_out_of_its_time_says_when_its_time_is(page: Page, at: Door, claims: dict[str, int], words: str) -> None:
    paste(page, good_card(at.issuers, **claims))

    expect(page.get_by_role("alert")).to_contain_text(words)


def test_an_issuer_that_nobody_knows_is_named_as_the_card_names_it(page: Page, at: Door) -> None:
    paste(page, at.issuers.neighbour.key.sign(claims_of("https://elsewhere.example.org")))

    expect(page.get_by_role("alert")).to_contain_text("says that it comes from https://elsewhere.example.org.")


def test_our_own_cards_can_be_revoked_too(window: Window, at: Door) -> None:
    """With what the server would say of us if our keys had revocation lists."""
    neighbour = at.issuers.neighbour
    careful = {**neighbour.as_json(), "keys": [{**neighbour.key.jwk, "crlVersion": 1}]}
    crl = {"kid": neighbour.key.kid, "ctr": 1, "rids": ["rid"]}
    ours = {"participating_issuers": [{**careful, "name": "", "fetched": "now", "crls": [crl]}]}
    window.context.route("**/verify/trust.json", lambda route: route.fulfill(json=ours))
    page = at.open(window)

    paste(page, good_card(at.issuers))

    expect(page.get_by_role("alert")).to_contain_text("State vaccine registry signed this card and has taken it back.")


def test_the_picture_of_a_text_message_is_read(page: Page, at: Door) -> None:
    choose(page, "picture.png", qr.png(good_card(at.issuers)), "image/png")

    assert says(page) == ["verified"]


@pytest.mark.parametrize("doses", [2, 4, 6, 8])
def test_a_photograph_is_read_up_to_the_largest_code(page: Page, at: Door, doses: int) -> None:
    given = tuple(
        Immunization("208", date(2021, 1 + n, 3 + n), f"{n * 7919 % 10007:05}X", f"Clinic {n * 104729}")
        for n in range(doses)
    )
    card = at.cards.issue(VaccineRecord("ana", "Reyes", ("Ana",), date(1985, 3, 27), None, given), COVID).jws

    choose(page, "IMG_0001.JPG", as_jpeg(photograph(card)))

    assert says(page) == ["verified"]
    expect(page.locator(".dose")).to_have_count(doses)


def test_a_card_before_a_link_in_one_picture(page: Page, at: Door) -> None:
    """A printed record has the address of a help page on it as well."""
    link = io.BytesIO()
    segno.make_qr("https://example.org/help").save(link, kind="png", scale=7, border=4)
    card = Image.open(io.BytesIO(qr.png(good_card(at.issuers)))).convert("L")
    sheet = Image.new("L", (card.width + 300, card.height), 255)
    sheet.paste(Image.open(link).convert("L"), (0, 0))
    sheet.paste(card, (300, 0))

    choose(page, "sheet.jpg", as_jpeg(sheet), "image/jpeg")

    assert says(page) == ["verified"]


def test_all_cards_of_a_file_are_shown_the_worst_above(page: Page, at: Door) -> None:
    good, gone = good_card(at.issuers), good_card(at.issuers, exp=1)

    choose(page, "both.smart-health-card", f'{{"verifiableCredential":["{good}","{gone}"]}}'.encode())

    assert says(page) == ["expired", "verified"]
    assert len(facts_shown(page)) == 1


@pytest.mark.parametrize(
    ("name", "data", "kind", "verdict"),
    [
        ("grey.jpg", as_jpeg(photograph("eyJ.x.y", Shot(blur=40))), "image/jpeg", "unreadable"),
        ("broken.png", b"\x89PNG\r\n\x1a\nbroken", "image/png", "unreadable"),
        ("empty.png", b"", "image/png", "empty"),
        ("empty.txt", b"", "", "empty"),
        ("blank.txt", b"\r\n", "", "empty"),
        ("large.txt", b"x" * 1_000_001, "text/plain", "too_large"),
        ("noise.bin", bytes(range(256)) * 1000, "", "other"),
        ("noise.pdf", b"%PDF-1.7 \xff\xfe", "application/pdf", "pdf"),
        ("large.pdf", b"%PDF-1.7" + bytes(2_000_000), "", "pdf"),
        ("cut.smart-health-card", b'{"verifiableCredential":["eyJhbGciOi"]}', "", "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_a_file_without_a_card_is_said_in_words(page: Page, name: str, data: bytes, kind: str, verdict: str) -> None:
    choose(page, name, data, kind)

    assert says(page) == [verdict]
    expect(page.locator("#ways")).to_be_visible()


def test_a_picture_larger_than_any_phone_s_is_not_opened(page: Page, tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.write(b"\x89PNG")
        file.truncate(30_000_001)

    page.set_input_files("#file", large)

    expect(page.get_by_role("alert")).to_contain_text("Too large")


def test_without_the_lists_nothing_is_checked_until_they_come(window: Window, at: Door) -> None:
    window.context.route("**/verify/trust.json", lambda route: route.abort())
    page = at.open(window)
    expect(page.get_by_role("alert")).to_contain_text("Not connected")
    paste(page, good_card(at.issuers))
    assert says(page) == ["not_connected"]

    window.context.unroute("**/verify/trust.json")
    paste(page, good_card(at.issuers))

    assert says(page) == ["verified"]
    assert set(window.complaints) == {NOT_LOADED}
    window.complaints.clear()


def test_a_page_that_stays_open_asks_for_new_lists_and_trusts_old_ones_for_a_day(window: Window, at: Door) -> None:
    page = window.context.new_page()
    page.clock.install(time=NOW)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{at.address}/verify")
    expect(page.locator("#ways")).to_be_visible()

    def check_after(seconds: int) -> tuple[list[str], bool]:
        """What is said of a card so much later, and whether the lists were asked for."""
        asked.clear()
        page.clock.fast_forward(seconds * 1000)
        paste(page, good_card(at.issuers))
        return says(page), any(url.endswith("trust.json") for url in asked)

    assert check_after(0) == (["verified"], False)
    assert check_after(3500) == (["verified"], False)
    assert check_after(200) == (["verified"], True)
    window.context.route("**/verify/trust.json", lambda route: route.abort())
    assert check_after(DAY - 60) == (["verified"], True)
    assert check_after(120) == (["not_connected"], True)
    assert set(window.complaints) == {NOT_LOADED}
    window.complaints.clear()


def test_a_browser_that_cannot_check_says_so(window: Window, at: Door) -> None:
    window.context.add_init_script("delete globalThis.DecompressionStream")
    page = window.open(f"{at.address}/verify")

    expect(page.get_by_role("alert")).to_contain_text("This browser cannot check cards")
    expect(page.locator("#ways")).to_be_hidden()


def test_without_javascript_the_page_names_other_ways(browser: Browser, at: Door) -> None:
    with browser.new_context(java_script_enabled=False, viewport=PHONE_SIZE, locale="es-MX") as context:
        page = Window(context).open(f"{at.address}/verify")

        other_ways = page.locator("#no-program")
        expect(other_ways).to_be_visible()
        expect(other_ways).to_contain_text("vaxtext verify")
        expect(other_ways).to_contain_text("CommonHealth")
        expect(page.locator("#ways")).to_be_hidden()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_words_its_direction_and_room(window: Window, at: Door, language: str) -> None:
    page = at.open(window, language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    page.set_viewport_size({"width": 320, "height": 640})

    for name in VERIFY_RESULTS:
        page.evaluate(
            "name => document.getElementById('results').replaceChildren("
            "document.querySelector(`template[data-result=${name}]`).content.cloneNode(true))",
            name,
        )
        assert not page.evaluate("document.documentElement.scrollWidth > 320"), name
    paste(page, good_card(at.issuers))

    assert says(page) == ["verified"]
    assert not page.evaluate("document.documentElement.scrollWidth > 320")
    assert re.search(r"1985", page.locator("[data-fill=birth_date]").inner_text())


@pytest.mark.parametrize(("wanted", "language"), [("zh-TW", "zh-Hant"), ("fil-PH", "tl"), ("fr-FR", "en")])
def test_the_browser_s_language_is_taken_where_it_is_ours(
    browser: Browser, at: Door, wanted: str, language: str
) -> None:
    with browser.new_context(locale=wanted) as context:
        page = Window(context).open(f"{at.address}/verify")

        expect(page.locator("html")).to_have_attribute("lang", language)


def test_everything_can_be_done_with_the_keyboard(page: Page, at: Door) -> None:
    page.keyboard.press("Tab")
    expect(page.locator("#camera")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#file")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.insert_text(as_code(good_card(at.issuers)))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".result h2")).to_be_focused()

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#camera")).to_be_focused()
    expect(page.locator(".result")).to_have_count(0)
    expect(page.locator("#text")).to_have_value("")
