"""The camera of the page /verify: a real browser that is shown a film instead of the world."""

import random
from collections.abc import Iterator
from pathlib import Path
from string import ascii_letters

import pytest
from browser import PHONE_SIZE, Window, another, chromium
from fakes.until import until
from photograph import Shot, film, photograph
from playwright.sync_api import Browser, Page, expect
from vectors.claims import claims_of, dose
from vectors.issuers import Issuers
from verify_page import Door, door, says

from bot.cards.qr import MAX_JWS, qr_code

pytestmark = pytest.mark.browser

VIDEO = Shot((640, 480), fill=0.95, turn=1, tilt=1, blur=0.3, noise=4)
READ = 30_000  # milliseconds that a busy machine may take


DARK = Shot((640, 480), fill=0.05, noise=0)  # nothing to be read in it


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("camera")


@pytest.fixture(scope="module")
def issuers() -> Issuers:
    return Issuers()


@pytest.fixture(scope="module")
def card(issuers: Issuers) -> str:
    """One that fills the largest code there is."""
    key, iss, letters = (
        issuers.neighbour.key,
        issuers.neighbour.iss,
        "".join(random.Random(3).choices(ascii_letters, k=900)),
    )
    cards = (key.sign(claims_of(iss, dose(lotNumber=letters[:size]))) for size in range(0, 900, 20))
    return max((card for card in cards if len(card) <= MAX_JWS), key=len)


@pytest.fixture(scope="module")
def browser(folder: Path, card: str) -> Iterator[Browser]:
    """Its camera sees that card."""
    seen = film(photograph(card, VIDEO), folder / "card.y4m")
    with chromium(*camera(seen)) as running:
        yield running


@pytest.fixture(scope="module")
def at(browser: Browser, folder: Path, issuers: Issuers) -> Iterator[Door]:
    with door(folder, issuers) as opened:
        yield opened


@pytest.fixture
def window(browser: Browser) -> Iterator[Window]:
    with browser.new_context(viewport=PHONE_SIZE, permissions=["camera"]) as context:
        window = Window(context)
        yield window
        assert window.complaints == []


def camera(seen: Path) -> tuple[str, str]:
    return "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={seen}"


def watch_tracks(page: Page) -> None:
    """Keep every stream of the camera, to see whether it is still on."""
    page.evaluate(
        """() => {
            globalThis.streams = [];
            const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            navigator.mediaDevices.getUserMedia = async (wanted) => {
                const stream = await open(wanted);
                globalThis.streams.push(stream);
                return stream;
            };
        }"""
    )


def streams(page: Page) -> list[bool]:
    """Whether each one that was opened is on."""
    on: list[bool] = page.evaluate("streams.map(stream => stream.active)")
    return on


def hide(page: Page) -> None:
    """What happens when somebody turns to another app."""
    page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", {configurable: true, get: () => true});
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )


def test_the_camera_reads_the_largest_code_in_a_small_film_and_goes_off(window: Window, at: Door, card: str) -> None:
    assert qr_code(card).version == 22
    page = at.open(window)
    watch_tracks(page)

    page.click("#camera")

    expect(page.locator(".result")).to_be_visible(timeout=READ)
    assert says(page) == ["verified"]
    assert streams(page) == [False]
    expect(page.locator("#viewer")).to_be_hidden()
    assert page.evaluate("document.getElementById('video').srcObject") is None


def test_the_next_card_is_read_at_one_press(window: Window, at: Door) -> None:
    page = at.open(window)
    watch_tracks(page)
    page.click("#camera")
    expect(page.locator(".result")).to_be_visible(timeout=READ)

    page.click("#next")

    until(lambda: len(streams(page)) == 2)
    expect(page.locator(".result")).to_be_visible(timeout=READ)
    assert streams(page) == [False, False]


@pytest.fixture(scope="module")
def nothing_to_read(browser: Browser, folder: Path, card: str) -> Iterator[Browser]:
    with another(browser, *camera(film(photograph(card, DARK), folder / "table.y4m"))) as running:
        yield running


@pytest.mark.parametrize("way", ["stop", "hide", "paste", "leave"])
def test_the_camera_goes_off_when_it_is_stopped_or_the_page_is_left(
    nothing_to_read: Browser, at: Door, way: str
) -> None:
    with nothing_to_read.new_context(viewport=PHONE_SIZE, permissions=["camera"]) as context:
        page = at.open(Window(context))
        watch_tracks(page)
        page.click("#camera")
        until(lambda: streams(page) == [True])
        expect(page.locator("#viewer")).to_be_visible()

        if way == "stop":
            page.click("#stop")
        elif way == "hide":
            hide(page)
        elif way == "paste":
            page.fill("#text", "hello")
            page.click("#paste button")
        else:
            page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")

        until(lambda: streams(page) == [False])
        expect(page.locator("#viewer")).to_be_hidden()
        expect(page.locator("#camera")).to_be_visible()


def test_the_camera_is_turned_on_and_off_with_the_keyboard(nothing_to_read: Browser, at: Door) -> None:
    with nothing_to_read.new_context(viewport=PHONE_SIZE, permissions=["camera"]) as context:
        page = at.open(Window(context))
        watch_tracks(page)
        page.locator("#camera").press("Enter")
        until(lambda: streams(page) == [True])
        expect(page.locator("#stop")).to_be_focused()

        page.keyboard.press("Enter")

        until(lambda: streams(page) == [False])
        expect(page.locator("#camera")).to_be_focused()


def test_a_camera_that_is_refused_is_said_in_words(browser: Browser, at: Door) -> None:
    with browser.new_context(viewport=PHONE_SIZE, permissions=[]) as context:
        page = at.open(Window(context))

        page.click("#camera")

        expect(page.get_by_role("alert")).to_contain_text("The camera is blocked")
        expect(page.locator("#ways")).to_be_visible()


def test_a_device_without_a_camera_offers_the_other_ways(browser: Browser, at: Door) -> None:
    with another(browser) as without, without.new_context(permissions=["camera"]) as context:
        page = at.open(Window(context))

        page.click("#camera")

        expect(page.get_by_role("alert")).to_contain_text("No camera")
        expect(page.locator("#ways")).to_be_visible()
