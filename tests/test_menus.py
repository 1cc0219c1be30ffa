"""Menus: what an answer to a list of options may look like, in any language."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import carrier, menus
from bot.conversation.flow import State
from bot.conversation.folding import fold
from bot.flow_folder import open_flow

FLOW = open_flow(Path(__file__).parent.parent / "flows" / "vaccine_record")
MENUS = [state for state in FLOW.states.values() if state.kind == "choose"]
FORMAT = FLOW.states["ask_format"]


def choose(text: str, menu: tuple[str, ...] = ("link", "picture")) -> str | None:
    return menus.choose(FLOW, FORMAT, menu, text)


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("1", "link"),
        ("2", "picture"),
        (" 2 ", "picture"),
        ("2.", "picture"),
        ("(2)", "picture"),
        ("#2", "picture"),
        ("02", "picture"),
        ("２", "picture"),
        ("٢", "picture"),
        ("२", "picture"),
        ("²", "picture"),
        ("②", "picture"),
        ("2️⃣", "picture"),
        ("Link", "link"),
        ("link!", "link"),
        ("LINK", "link"),
        ("the link", "link"),
        ("A   picture", "picture"),
        ("ｌｉｎｋ", "link"),
        ("enlace", "link"),
        ("Código QR", "picture"),
        ("codigo qr", "picture"),
        ("1 Link", "link"),
        ("2) picture", "picture"),
        ("2. QR picture", "picture"),
        ("2 - imagen", "picture"),
    ],
    ids=str,
)
def test_number_label_and_other_words_all_count(text: str, option: str) -> None:
    assert choose(text) == option


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "3",
        "12",
        "-",
        "00",
        "00015",
        "00000001",
        "9" * 5000,
        "1 picture",
        "2 link",
        "3 link",
        "00015 link",
        "1.5",
        "link or picture",
        "linkk",
        "1 2",
        "12 link",
        "፩",
        "፩ link",
        "½",
        "one",
        "1" + " " * 1600 + "x",
        "no",
        "�",
    ],
    ids=lambda text: text[:16] or "empty",
)
def test_anything_else_is_no_option(text: str) -> None:
    assert choose(text) is None


def test_a_number_means_the_menu_as_it_was_shown() -> None:
    assert choose("1", ("picture", "link")) == "picture"
    assert choose("2", ("picture",)) is None


def test_the_menu_is_shown_with_numbers_and_labels() -> None:
    assert menus.show(FLOW, FORMAT, "en", FORMAT.options) == "1 Link\n2 QR picture"
    assert menus.show(FLOW, FORMAT, "es", FORMAT.options) == "1 Enlace\n2 Imagen QR"


def test_languages_are_called_by_their_own_names_whatever_the_language() -> None:
    for language in ("", "en", "es"):
        assert menus.show(FLOW, FLOW.states["welcome"], language, ("en", "es")) == "1 English\n2 Español"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Español", "es"),
        ("ESPANOL", "es"),
        ("¡español!", "es"),
        ("spanish", "es"),
        ("castellano", "es"),
        ("English", "en"),
        ("inglés", "en"),
        ("ingles.", "en"),
        ("en", None),
        ("es", None),
        ("I speak Spanish", None),
        ("", None),
    ],
    ids=str,
)
def test_a_language_is_named_by_a_whole_text(text: str, language: str | None) -> None:
    assert FLOW.language_of.get(fold(text)) == language


WORDS = [
    (state.name, option, word)
    for state in MENUS
    for option in state.options
    for code in FLOW.languages
    for word in menus.words_for(FLOW, state.subject, option, code)
]


@pytest.mark.parametrize(("state", "option", "word"), WORDS, ids=str)
def test_every_word_of_the_shipped_flow_means_its_own_option_only(state: str, option: str, word: str) -> None:
    found = FLOW.states[state]

    for text in (word, word.upper(), f" {word}. "):
        assert menus.choose(FLOW, found, found.options, text) == option
    assert menus.choose(FLOW, found, found.options[::-1], word) == option
    assert not carrier.meaning(word)


def test_no_keyword_is_an_option_a_language_or_a_carrier_word() -> None:
    keywords = {word for word, keyword in FLOW.keyword_of.items() if not keyword.tell}  # LINK gives way
    options = {fold(word) for _, _, word in WORDS}

    assert not keywords & options
    assert not keywords & carrier.ALL
    assert not keywords & set(FLOW.language_of)


def test_yes_alone_is_never_the_only_word_for_yes() -> None:
    words = FLOW.words["en"].options["reading"]["right"]

    assert "yes" in words
    assert words[0] != "yes"


@given(st.text() | st.text("0123456789 .-)link፩٢", max_size=12), st.sampled_from(MENUS))
def test_whatever_is_texted_is_an_option_or_none(text: str, state: State) -> None:
    found = menus.choose(FLOW, state, state.options, text)

    assert found is None or found in state.options
