"""The page for the other side of the door, in a real browser: what it says of a card, and that it tells nobody."""

from collections.abc import Iterator

import pytest
from browser import Window, chromium
from playwright.sync_api import Browser
from vectors.every import every_vector
from verify_page import OURS, Door, as_shown, door, facts_shown, paste, says

pytestmark = pytest.mark.browser

PHONE_SIZE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def at(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with door(tmp_path_factory.mktemp("verify")) as opened:
        yield opened


@pytest.fixture
def window(browser: Browser) -> Iterator[Window]:
    """Whatever a page does, the browser must have nothing to complain of in the end."""
    with browser.new_context(viewport=PHONE_SIZE) as context:
        window = Window(context)
        yield window
        assert window.complaints == []


def test_the_page_says_of_every_vector_what_python_says(window: Window, at: Door) -> None:
    vectors = every_vector(at.issuers, at.cards, OURS)
    page = at.open(window)

    said = {}
    for vector in vectors:
        paste(page, vector.text)
        said[vector.name] = (says(page), facts_shown(page))

    assert said == {vector.name: (vector.says, [as_shown(facts) for facts in vector.facts]) for vector in vectors}
