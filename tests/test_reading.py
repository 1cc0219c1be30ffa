"""The reading grade: near what a dictionary would give, and the same for the same words."""

from pathlib import Path

import pytest

from bot.conversation.reading import grade, syllables, words
from bot.flow_folder import open_flow

FLOW = open_flow(Path(__file__).parent.parent / "flows" / "vaccine_record")
SOUNDS = {
    1: "the a PIN send texts name named changed asked like place phone four through school we",
    2: "people table little being create doses given seven picture easy guardian's reply boxes vaccine".replace(
        "guardian's ", ""
    ),
    3: "registry another calendar exactly declining guardian deletion understand",
    4: "vaccination information identity",
}


@pytest.mark.parametrize(("count", "word"), [(n, word) for n, known in SOUNDS.items() for word in known.split()])
def test_syllables_are_counted_as_they_are_spoken(count: int, word: str) -> None:
    assert syllables(word) == count


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("The cat sat on the mat. It was fat.", 0, 1),
        ("Send 1 for this number, or a phone with area code like 360-555-0100, or an email.", 3, 7),
        ("Verification of demographic information necessitates administrative authorization.", 15, 40),
        ("", 0, 0),
        ("{link} 3/27/1985", 0, 0),
    ],
)
def test_long_words_and_sentences_are_harder(text: str, least: float, most: float) -> None:
    assert least <= grade(text) <= most


def test_blanks_and_numbers_are_no_words() -> None:
    assert words("Call {help_line} or 911 now") == 3


def test_what_we_say_in_english_is_for_everybody() -> None:
    assert grade("\n".join(FLOW.words["en"].say.values())) <= 6
