"""The page for the other side of the door, held to what everyone needs: every language, light and verdict."""

from collections.abc import Iterator

import pytest
from axe import violations_by_day_and_night
from browser import PHONE_SIZE, Window
from playwright.sync_api import Browser
from vectors.claims import claims_of
from vectors.issuers import Issuers
from verify_page import Door, door, paste

pytestmark = pytest.mark.browser

LANGUAGES = ("en", "es", "zh-Hans", "zh-Hant", "ko", "vi", "ar", "tl")


@pytest.fixture(scope="module")
def at(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with door(tmp_path_factory.mktemp("verify"), Issuers()) as opened:
        yield opened


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_the_verifier_whatever_it_says(language: str, browser: Browser, at: Door) -> None:
    neighbour = at.issuers.neighbour
    good = neighbour.key.sign(claims_of(neighbour.iss))
    with browser.new_context(viewport=PHONE_SIZE) as context:
        page = at.open(Window(context), language)
        found = {"asks": violations_by_day_and_night(page, language)}
        for state, text in (("good", good), ("bad", good[:-86] + "A" * 86), ("unsure", "What is this?")):
            paste(page, text)
            found[state] = violations_by_day_and_night(page, language)

    assert {state: broken for state, broken in found.items() if broken} == {}
