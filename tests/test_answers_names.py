"""Names: kept as people write them, in any script, without what no name has."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.answers import CHECKS, Asked, Clean, Wrong
from bot.conversation.gsm7 import segments
from bot.flow_folder import open_flow

FLOW = open_flow(Path(__file__).parent.parent / "flows" / "vaccine_record")
check = CHECKS["person_name"].run


def asked(longest: int = 60) -> Asked:
    return Asked(FLOW.words["en"], FLOW.languages, {}, date(2026, 11, 18), "+13605550100", {}, {}, longest)


@pytest.mark.parametrize(
    "name",
    [
        "Ana",
        "ana",
        "ANA",
        "José Ángel",
        "Muñoz-Peña",
        "O'Neill",
        "D'Angelo",
        "de la O",
        "Nguyễn Thị Ánh",
        "Ng",
        "O",
        "Jean-Luc",
        "Mary Ann",
        "van der Berg",
        "St. James",
        "Þórdís",
        "Łukasz",
        "Şükrü",
        "İrem",
        "Čeněk",
        "Zoë",
        "Ñ",
        "王小明",
        "김민준",
        "さくら",
        "山田 太郎",
        "محمد",
        "עברית",
        "Наталія",
        "Ελένη",
        "अनीता",
        "สมชาย",
        "አበበ",
        "ខ្មែរ",
        "ᏣᎳᎩ",
        "J.R. Smith",
        "English",
        "Null",
        "True",
        "No",
        "Robert Jr",
        "X Æ A",
    ],
    ids=str,
)
def test_a_name_is_kept_as_it_is_written(name: str) -> None:
    assert check(name, asked()) == Clean(name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  Ana  ", "Ana"),
        ("Ana.", "Ana"),
        ("Ana!!", "Ana"),
        ("¡Ana!", "Ana"),
        ('"Ana"', "Ana"),
        ("(Ana)", "Ana"),
        ("Ana,", "Ana"),
        ("Ana\nMaría", "Ana María"),
        ("Ana\tMaría", "Ana María"),
        ("Ana\u00a0María", "Ana María"),
        ("Ana   María", "Ana María"),
        ("Jose\u0301", "José"),
        ("O’Neill", "O'Neill"),
        ("O‘Neill", "O'Neill"),
        ("O`Neill", "O'Neill"),
        ("Oʻahu", "O'ahu"),
        ("Jean‐Luc", "Jean-Luc"),
        ("Jean–Luc", "Jean-Luc"),
        ("-Ana-", "Ana"),
        ("'Ana'", "Ana"),
        ("Ana 😀", "Ana"),
        ("😀Ana❤️", "Ana"),
        ("Ana 😀 O’Neill. ", "Ana O'Neill"),
        ("Ana\u200b", "Ana"),
        ("\u202eAna", "Ana"),
        ("\ufeffAna\x00", "Ana"),
        ("Ana\ud800", "Ana"),
        ("<b>", "b"),
        ("Robert'; DROP TABLE people;--", "Robert' DROP TABLE people"),
    ],
    ids=repr,
)
def test_what_no_name_has_is_dropped(text: str, name: str) -> None:
    assert check(text, asked()) == Clean(name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "-",
        "'",
        "😀",
        "❤️",
        "1",
        "12345",
        "4na",
        "Ana 2",
        "٣",
        "１",
        "Ⅲ",
        "½",
        "3/27/1985",
        "ana@example.org",
        "@ana",
        "360-555-0100",
        "́",
        "\u200b",
        "***",
        "?",
        "1️⃣",
        "#1",
        "...",
    ],
    ids=repr,
)
def test_what_is_no_name_is_asked_for_again(text: str) -> None:
    assert check(text, asked()) == Wrong("not_a_name")


@pytest.mark.parametrize(
    ("text", "found"),
    [("a" * 60, Clean("a" * 60)), ("a" * 61, Wrong("too_long")), (" a" * 900, Wrong("too_long"))],
    ids=["60", "61", "1800"],
)
def test_a_name_has_the_length_that_the_flow_allows(text: str, found: Clean | Wrong) -> None:
    assert check(text, asked()) == found


@given(st.text() | st.text("aé -'.,1😀’@\u0301"))
def test_whatever_is_texted_gets_an_answer(text: str) -> None:
    found = check(text, asked())

    if isinstance(found, Clean):
        assert 1 <= len(found.value) <= 60
        assert found.value == " ".join(found.value.split())
        assert any(character.isalpha() for character in found.value)
        assert segments(found.value) <= 2
    else:
        assert found.code in CHECKS["person_name"].errors


@given(st.text())
def test_a_name_that_was_tidied_is_tidy(text: str) -> None:
    found = check(text, asked())

    if isinstance(found, Clean):
        assert check(found.value, asked()) == found
