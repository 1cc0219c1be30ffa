"""The page /verify tells nobody and keeps nothing: no request after its own files and lists, no storage of any kind."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser import PHONE_SIZE, Window, chromium
from photograph import Shot, film, photograph
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from vectors.claims import claims_of
from vectors.issuers import Issuers
from vectors.signing import as_code
from verify_page import Door, door, paste

from bot.cards import qr

pytestmark = pytest.mark.browser

OWN_FILES = {
    "/verify",
    "/page.css",
    "/static/verify.css",
    "/static/verify.js",
    "/static/icon.svg",
    "/verify/trust.json",
    "/verify/vaccines.json",
}
VIDEO = Shot((640, 480), fill=0.95, turn=1, tilt=1, blur=0.3, noise=4)


@pytest.fixture(scope="module")
def issuers() -> Issuers:
    return Issuers()


@pytest.fixture(scope="module")
def card(issuers: Issuers) -> str:
    return issuers.neighbour.key.sign(claims_of(issuers.neighbour.iss))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("private")


@pytest.fixture(scope="module")
def browser(folder: Path, card: str) -> Iterator[Browser]:
    seen = film(photograph(card, VIDEO), folder / "card.y4m")
    with chromium("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={seen}") as running:
        yield running


@pytest.fixture(scope="module")
def at(browser: Browser, folder: Path, issuers: Issuers) -> Iterator[Door]:
    with door(folder, issuers) as opened:
        yield opened


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport=PHONE_SIZE, permissions=["camera"]) as opened:
        yield opened


def show_in_every_way(page: Page, card: str) -> None:
    """By text, file, picture and camera: each is verified, or this would prove nothing."""
    verified = page.locator("[data-verdict=verified]")
    paste(page, as_code(card))
    expect(verified).to_be_visible()
    file = json.dumps({"verifiableCredential": [card]}).encode()
    for name, data in (("card.smart-health-card", file), ("card.png", qr.png(card))):
        page.click("#next")
        page.set_input_files("#file", {"name": name, "mimeType": "", "buffer": data})
        expect(verified).to_be_visible()
    page.click("#next")
    page.click("#camera")
    expect(verified).to_be_visible(timeout=30_000)


def test_no_request_follows_the_page_s_own_files_and_lists(context: BrowserContext, at: Door, card: str) -> None:
    requests: list[Request] = []
    context.on("request", lambda request: requests.append(request))  # noqa: PLW0108 - playwright marks its handlers
    page = at.open(Window(context))
    page.wait_for_load_state("networkidle")
    before = len(requests)

    show_in_every_way(page, card)
    page.wait_for_load_state("networkidle")

    assert requests[before:] == []
    assert {urlsplit(request.url)._replace(query="").geturl() for request in requests} == {
        f"{at.address}{path}" for path in OWN_FILES
    }
    assert {request.method for request in requests} == {"GET"}
    assert not any(request.post_data for request in requests)
    assert not any("cookie" in request.all_headers() for request in requests)


def test_a_page_that_wanted_to_tell_could_tell_us_alone(context: BrowserContext, at: Door) -> None:
    """The policy holds even if a fault of ours did not."""
    page = at.open(Window(context))
    elsewhere = at.address.replace("127.0.0.1", "localhost")

    refused = page.evaluate(
        """async address => {
            const tell = {
                fetch: () => fetch(address),
                beacon: () => navigator.sendBeacon(address, "x") || Promise.reject(),
                image: () => new Promise((onload, onerror) => {
                    Object.assign(new Image(), {src: address, onload, onerror});
                }),
                socket: () => new Promise((done, failed) => {
                    const socket = new WebSocket(address.replace("http", "ws"));
                    socket.onopen = done;
                    socket.onerror = failed;
                }),
            };
            const refused = [];
            document.addEventListener("securitypolicyviolation", event => refused.push(event.effectiveDirective));
            await Promise.allSettled(Object.values(tell).map(way => way()));
            await new Promise(done => setTimeout(done));
            return refused.sort();
        }""",
        elsewhere,
    )

    assert refused == ["connect-src", "connect-src", "connect-src", "img-src"]


def test_nothing_is_kept(context: BrowserContext, at: Door, card: str) -> None:
    page = at.open(Window(context))
    address = page.url

    show_in_every_way(page, card)

    kept = page.evaluate(
        """async () => ({
            cookie: document.cookie,
            local: localStorage.length,
            session: sessionStorage.length,
            databases: (await indexedDB.databases()).length,
            caches: (await caches.keys()).length,
            workers: (await navigator.serviceWorker.getRegistrations()).length,
            files: (await Array.fromAsync((await navigator.storage.getDirectory()).keys())).length,
            state: history.state,
            fields: [...document.querySelectorAll("input, textarea")].map(field => field.value).join(""),
        })"""
    )
    nothing = dict.fromkeys(("local", "session", "databases", "caches", "workers", "files"), 0)
    assert kept == {**nothing, "cookie": "", "state": None, "fields": ""}
    assert context.cookies() == []
    assert page.url == address


@pytest.mark.parametrize("way", ["reload", "back"])
def test_nothing_is_seen_by_who_comes_after(context: BrowserContext, at: Door, card: str, way: str) -> None:
    page = at.open(Window(context))
    paste(page, card)
    expect(page.locator(".who")).to_have_text("Ana Reyes")
    page.locator("#text").evaluate("(field, text) => { field.value = text; }", card)

    if way == "reload":
        page.reload()
    else:
        page.goto(f"{at.address}/livez")
        page.go_back()

    expect(page.locator("#ways")).to_be_visible()
    assert "Reyes" not in page.content()
    assert page.locator("#text").input_value() == ""
