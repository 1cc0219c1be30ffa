"""Takes the pictures of docs/pages.md: `make pictures`. Every page in four languages, with people who never lived."""

import io
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from browser import Window, chromium
from drawings import Pdf
from PIL import Image
from playwright.sync_api import Browser, Page
from showing import PEOPLE, PIN, WRONG, Office, open_office
from vectors.claims import claims_of
from vectors.issuers import Issuers
from verify_page import Door, door, paste

from bot.drawing.fonts import folders

LANGUAGES = ("en", "es", "zh-Hans", "ar")
FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
PHONE = {"width": 390, "height": 844}
FONTS = "<fontconfig>{dirs}<cachedir>{cache}</cachedir></fontconfig>"


def main() -> None:
    with TemporaryDirectory() as folder:
        _use_our_fonts(Path(folder))
        with open_office(Path(folder) / "var") as office, chromium() as browser:
            for language in LANGUAGES:
                take(browser, office, language)
            take_gone(browser, office)
            take_taken_back(browser, office)
        with chromium() as browser, door(Path(folder), Issuers()) as at:
            for language in LANGUAGES:
                take_verifier(browser, at, language)


def take(browser: Browser, office: Office, language: str) -> None:
    with browser.new_context(viewport=PHONE, device_scale_factor=2) as context:
        page = context.new_page()
        page.goto(office.link(PEOPLE["ana"], language))
        _save(page.screenshot(), "pin", language)
        _try_pin(page, WRONG)
        _save(page.screenshot(), "wrong_pin", language)
        _try_pin(page, PIN)
        _save(page.screenshot(full_page=True), "record", language)
        _save(page.request.get(_address(page, ".png")).body(), "picture", language)
        pdf = Pdf(page.request.get(_address(page, ".pdf")).body())
        _save(_as_png(pdf.drawn(dots=110)), "pdf", language)
        pdf.close()


def take_gone(browser: Browser, office: Office) -> None:
    """They are the same in every language: all of them are on each."""
    with browser.new_context(viewport=PHONE, device_scale_factor=2) as context:
        page = context.new_page()
        for name, path in (("gone", "/r/gone"), ("over", "/m/over.png"), ("lost", "/")):
            page.goto(f"{office.address}{path}")
            _save(page.screenshot(full_page=True), name, "all")


def take_taken_back(browser: Browser, office: Office) -> None:
    """The same person, with another card than on the other pictures."""
    for language in LANGUAGES:
        with browser.new_context(viewport=PHONE, device_scale_factor=2) as context:
            page = context.new_page()
            page.goto(office.link(PEOPLE["ana"], language, taken_back=1))
            _try_pin(page, PIN)
            _save(page.screenshot(), "taken_back", language)


def take_verifier(browser: Browser, at: Door, language: str) -> None:
    neighbour = at.issuers.neighbour
    good = neighbour.key.sign(claims_of(neighbour.iss))
    with browser.new_context(viewport=PHONE, device_scale_factor=2) as context:
        page = at.open(Window(context), language)
        _save(page.screenshot(), "verify", language)
        for name, text in (("verify_good", good), ("verify_bad", good[:-86] + "A" * 86)):
            paste(page, text)
            _save(page.screenshot(), name, language)


def _use_our_fonts(folder: Path) -> None:
    """The same pictures on every machine, whichever fonts it has."""
    dirs = "".join(f"<dir>{path}</dir>" for path in folders())
    (folder / "fonts.conf").write_text(FONTS.format(dirs=dirs, cache=folder / "cache"), encoding="utf-8")
    os.environ["FONTCONFIG_FILE"] = str(folder / "fonts.conf")


def _try_pin(page: Page, pin: str) -> None:
    page.fill("#pin", pin)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _address(page: Page, ending: str) -> str:
    path = page.locator(f"a[href$='{ending}']").get_attribute("href")
    return f"{page.url.partition('/r/')[0]}{path}"


def _as_png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "png")
    return file.getvalue()


def _save(picture: bytes, name: str, language: str) -> None:
    """As wide as a page of documentation needs, in few colours."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.thumbnail((780, 4000))
    image.quantize(48, dither=Image.Dither.NONE).save(FOLDER / f"{name}_{language}.png", optimize=True)


if __name__ == "__main__":
    main()
