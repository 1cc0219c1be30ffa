"""What is not there: residents in a browser read a page in every language, machines a line."""

import re

import pytest
from flask.testing import FlaskClient
from markupsafe import escape
from showing import PEOPLE, PIN, seal
from test_drawn_downloads import downloads, opened

from bot.wiring import System

LANGUAGES = ("en", "es", "zh-Hans", "zh-Hant", "ko", "vi", "ar", "tl")
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}
MACHINES = {
    "says nothing": {},
    "curl": {"Accept": "*/*"},
    "a picture": {"Accept": "image/avif,image/webp,image/*,*/*;q=0.8"},
    "JSON": {"Accept": "application/json"},
}
UNKNOWN = "a" * 26
DOWNLOADS = tuple(f"/m/{UNKNOWN}{name}" for name in (".png", ".smart-health-card", "/1.png", "/record.pdf", ".pdf"))
LOST = ("/", "/r", "/r/", "/R/", "/m", "/record", "/index.html", "/favicon.ico")


def told(client: FlaskClient, path: str, system: System, name: str) -> None:
    """Assert that the page says it in all languages, and how."""
    answer, flow = client.get(path, headers=BROWSER), system.services.flow
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    for language in LANGUAGES:
        words = flow.words_in(language).page
        assert f"<h1>{escape(words[f'{name}_title'])}</h1>" in answer.text
    assert answer.text.count(flow.values["help_line"]) == len(LANGUAGES)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", [*DOWNLOADS, "/m/x.png"])
def test_a_browser_reads_that_a_download_is_over_and_to_open_the_link_again(
    path: str, client: FlaskClient, system: System
) -> None:
    told(client, path, system, "over")

    assert client.get(path, headers=BROWSER).text.count('<bdi class="value">10</bdi>') == len(LANGUAGES)


@pytest.mark.parametrize("path", LOST)
def test_a_browser_at_a_wrong_address_reads_what_to_do(path: str, client: FlaskClient, system: System) -> None:
    told(client, path, system, "lost")


@pytest.mark.parametrize("accept", MACHINES.values(), ids=MACHINES)
@pytest.mark.parametrize("path", [*DOWNLOADS, "/", "/r/"])
def test_a_machine_reads_one_plain_line(path: str, accept: dict[str, str], client: FlaskClient) -> None:
    answer = client.get(path, headers=accept)

    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
    assert answer.text == "There is nothing here.\n"


def test_expired_unknown_and_wrong_downloads_look_the_same(client: FlaskClient, system: System) -> None:
    page = opened(client, system)
    paths = [*downloads(page, ".png"), *downloads(page, ".pdf"), *downloads(page, "-card")]
    for key in system.client.scan_iter("vt:m:*"):
        system.client.delete(key)

    answers = {client.get(path, headers=BROWSER).data for path in [*paths, *DOWNLOADS]}

    assert len(paths) == 3
    assert len(answers) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_how_long_its_downloads_work(language: str, client: FlaskClient, system: System) -> None:
    page = opened(client, system, "ana", language)

    (said,) = re.findall(r'<p class="hint saving">(.+)</p>', page)
    words = system.services.flow.words_in(language).page["save_ends"]
    assert said == words.replace("{minutes}", '<bdi class="value">10</bdi>')


def test_who_can_save_nothing_reads_nothing_of_it(client: FlaskClient, system: System) -> None:
    token = seal(system.services, PEOPLE["nina"])

    assert "hint saving" not in client.post(f"/r/{token}", data={"pin": PIN}).text
