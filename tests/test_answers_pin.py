"""PINs: exactly four digits that nobody would try first."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.answers import CHECKS, Asked, Clean, Wrong
from bot.conversation.answers.pin import COMMONEST
from bot.flow_folder import open_flow

FLOW = open_flow(Path(__file__).parent.parent / "flows" / "vaccine_record")
check = CHECKS["new_pin"].run


def asked(**answers: str) -> Asked:
    return Asked(FLOW.words["en"], FLOW.languages, {}, date(2026, 11, 18), "+13605550100", answers, {})


@pytest.mark.parametrize(
    "text",
    ["4821", " 4821 ", "4821\n", "４８２１", "𝟒𝟖𝟐𝟏", "4８2１", "٤٨٢١", "۴۸۲۱", "४८२१", "৪৮২১", "၄၈၂၁", "𞥔𞥘𞥒𞥑", "4٨2۱"],
    ids=repr,
)
def test_four_digits_are_a_pin(text: str) -> None:
    assert check(text, asked()) == Clean("4821")


def test_a_pin_may_begin_with_zeros() -> None:
    assert check("0073", asked()) == Clean("0073")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "4",
        "482",
        "48211",
        "48210000",
        "48 21",
        "4-8-2-1",
        "4821.",
        "PIN 4821",
        "my pin is 4821",
        "abcd",
        "+482",
        "-482",
        "4.82",
        "4e10",
        "0x12",
        "٤٨٢",
        "٤٨٢١٠",
        "٤ ٨ ٢ ١",
        "፬፰፪፩",
        "四八二一",
        "4️⃣8️⃣2️⃣1️⃣",
        "four",
        "48\u200b21",
        "4821\x00",
        "½½½½",
        "ⅣⅧⅡⅠ",
    ],
    ids=repr,
)
def test_anything_but_four_digits_is_asked_for_again(text: str) -> None:
    assert check(text, asked()) == Wrong("not_four_digits")


REPEATS = [str(digit) * 4 for digit in range(10)]
RUNS = ["0123", "1234", "2345", "3456", "4567", "5678", "6789", "7890"]


@pytest.mark.parametrize("pin", [*REPEATS, *RUNS, *(run[::-1] for run in RUNS), "2580", "6969", "1212", "2000", "1004"])
def test_what_everybody_tries_first_is_refused(pin: str) -> None:
    assert check(pin, asked()) == Wrong("too_easy")


def test_the_commonest_are_written_as_pins() -> None:
    assert all(re.fullmatch(r"[0-9]{4}", pin) for pin in COMMONEST)


@pytest.mark.parametrize(
    "pin",
    ["1985", "0327", "2703", "0385", "8503", "2785", "8527"],
)
def test_a_form_of_the_birth_date_is_refused(pin: str) -> None:
    assert check(pin, asked(birth_date="1985-03-27")) == Wrong("personal")
    assert check(pin, asked(birth_date="1961-06-30")) == Clean(pin)


@pytest.mark.parametrize(
    ("pin", "code"), [("١٢٣٤", "too_easy"), ("۰۰۰۰", "too_easy"), ("２５８０", "too_easy"), ("١٩٨٥", "personal")]
)
def test_what_is_easy_to_guess_is_so_in_all_digits(pin: str, code: str) -> None:
    assert check(pin, asked(birth_date="1985-03-27")) == Wrong(code)


@pytest.mark.parametrize("pin", ["7379", "3779"])
def test_a_short_form_of_the_birth_date_is_refused(pin: str) -> None:
    assert check(pin, asked(birth_date="1979-03-07")) == Wrong("personal")


def test_the_end_of_a_phone_is_refused() -> None:
    answers = {"contact": "+13605550187"}

    assert check("0100", asked()) == Wrong("personal")
    assert check("0187", asked(**answers)) == Wrong("personal")
    assert check("0187", asked(contact="ana0187@example.org")) == Clean("0187")


@given(st.text() | st.from_regex(r"\d{4}") | st.text("0123456789４٣ ፩-", max_size=6))
def test_whatever_is_texted_gets_an_answer_and_a_pin_is_four_ascii_digits(text: str) -> None:
    found = check(text, asked(birth_date="1985-03-27", contact="ana@example.org"))

    if isinstance(found, Clean):
        assert re.fullmatch(r"[0-9]{4}", found.value)
        assert found.outcome == "ok"
    else:
        assert found.code in CHECKS["new_pin"].errors


@given(st.integers(0, 9999).map("{:04}".format))
def test_a_pin_is_either_taken_as_it_is_or_refused(pin: str) -> None:
    assert check(pin, asked()) in (Clean(pin), Wrong("too_easy"), Wrong("personal"))
