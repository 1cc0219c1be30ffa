"""Whatever somebody shows, command and page say the same of it and neither breaks: texts and files that are made up."""

import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.card_readers import asking
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from vectors.claims import claims_of
from vectors.signing import Key, as_code

from bot.cards import qr
from bot.cards.checking import check_card
from bot.cards.given import NotACard, cards_in
from bot.cards.issuer import card_file
from bot.cards.trust import Directory
from bot.cli.verify_given import CannotBeRead, given_cards

NOBODY = Directory(participating_issuers=())
CARD = Key().sign(claims_of("https://neighbour.example.org"))
FILE = card_file(CARD).decode()
LINK = "https://redirect.health.apple.com/SMARTHealthCard/#"
WHOLE = [CARD, as_code(CARD), as_code(CARD).upper(), LINK + qr.numeric(CARD), FILE]
BEGINNINGS = [
    "shc:/",
    "SHC:/",
    "shc:/1/2/",
    "1/2/",
    LINK,
    "http://#",
    "#",
    "shlink:/",
    "HC1:",
    "%PDF-",
    "eyJ",
    "ey.",
    "{",
    "[",
]
PIECES = [
    *BEGINNINGS,
    "567629",
    "5676",
    "78",
    "7",
    "\u0665",
    "\u017f",
    " ",
    "\r\n",
    "\ufeff",
    "\u00a0",
    ".",
    "=",
    "\0",
    "\ud800",
    "😀",
    "}",
    '"',
]


def changed(whole: str | bytes) -> st.SearchStrategy[Any]:
    """With a piece of it gone, and something else in its place."""
    at = st.integers(0, len(whole))
    more = st.sampled_from(PIECES) | st.text(max_size=3) if isinstance(whole, str) else st.binary(max_size=9)
    return st.tuples(at, st.integers(0, 3) | at, more).map(lambda cut: whole[: cut[0]] + cut[2] + whole[sum(cut[:2]) :])


characters = st.characters(exclude_categories=())  # half characters, too
values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(characters), st.lists, max_leaves=9
)
cards = st.lists(st.sampled_from(WHOLE) | st.text(characters, max_size=9), max_size=3) | values
files = st.dictionaries(st.sampled_from(["verifiableCredential", "more", "__proto__"]), cards).map(json.dumps)
texts = st.one_of(
    st.text(characters),
    st.lists(st.sampled_from(PIECES) | st.text(characters, max_size=3), max_size=9).map("".join),
    st.sampled_from(WHOLE).flatmap(changed),
    files,
    files.flatmap(changed),
)


def pictures() -> Iterator[bytes]:
    code = Image.open(io.BytesIO(qr.png(CARD))).convert("L")
    for form in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "PDF"):
        out = io.BytesIO()
        code.save(out, form)
        yield out.getvalue()


@pytest.fixture(scope="module")
def the_page() -> Iterator[Callable[[str], Any]]:
    with asking("the_page.mjs") as ask:
        yield ask


def python_says(text: str) -> list[str]:
    try:
        return [check_card(card, NOBODY, time.time()).verdict.value for card in cards_in(text)]
    except NotACard as error:
        return [error.kind.value]


@settings(max_examples=2000)
@given(texts)
def test_of_any_text_page_and_command_say_the_same(the_page: Callable[[str], Any], text: str) -> None:
    assert the_page(text) == python_says(text)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("given") / "file"


@settings(max_examples=400)
@given(st.one_of(st.binary(), *map(changed, pictures()), texts.map(lambda text: text.encode("utf-8", "replace"))))
def test_of_any_file_the_command_reads_cards_or_says_why_not(file: Path, content: bytes) -> None:
    file.write_bytes(content)

    try:
        found = given_cards(str(file))
    except CannotBeRead as error:
        found = [str(error)]

    assert found


@given(texts)
def test_any_argument_is_a_card_or_is_said_why_not(text: str) -> None:
    try:
        found = given_cards(f"shown {text}")  # no name of a file that is here
    except CannotBeRead as error:
        found = [str(error)]

    assert found
