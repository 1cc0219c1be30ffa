"""What looks for personal data finds it, in whatever spelling and wherever it begins."""

import base64
import json
from urllib.parse import quote

import pytest
from spelling import clear

NAME, PIN, BORN = "Zyxquavá", "7391", "1961-08-23"
LONG = ["Zyxquavá", "1961-08-23", "3605550141", "quenby@example.org"]


@pytest.mark.parametrize("text", LONG)
@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_it_is_found_in_base64_wherever_it_begins(text: str, before: str) -> None:
    around = f"{before}{text} and more".encode()

    assert clear(base64.b64encode(around), [text]) == [text]
    assert clear(base64.urlsafe_b64encode(b"\xff\xff\xff" + around), [text]) == [text]


@pytest.mark.parametrize("text", [*LONG, PIN])
def test_it_is_found_in_each_spelling(text: str) -> None:
    spelled = (
        text.encode(),
        json.dumps({"x": text}).encode(),
        f"GET /r/x?name={quote(text)}".encode(),
        text.encode().hex().encode(),
        text.encode().hex().upper().encode(),
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        base64.b64encode(text.encode()),
    )
    assert [clear(b"\x00 " + each + b" \x00", [text]) for each in spelled] == [[text]] * len(spelled)


@pytest.mark.parametrize("held", ['"pin":"7391"', "pin=7391&", "(7391)", "7391"])
def test_a_pin_is_found_where_it_stands_by_itself(held: str) -> None:
    assert clear(held, [PIN]) == [PIN]


@pytest.mark.parametrize("held", ["a7391f", "0.7391", "1795007391", "x/7391+"])
def test_four_digits_inside_something_longer_are_no_pin(held: str) -> None:
    assert clear(held, [PIN]) == []
