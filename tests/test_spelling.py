"""What looks for personal data finds it, in whatever spelling and wherever it begins."""

import base64
import json
import unicodedata
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from seeded import OWN, PICTURE
from spelling import clear

NAME, PIN = "Zyxquavá", "7391"
LONG = [
    "Zyxquavá",
    "1961-08-23",
    "3605550141",
    "quenby@example.org",
    "23 tháng 8, 1961",
    "1961年8月23日",
    "(360) 555-0141",
]
ENCODED: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "JSON": lambda text: json.dumps({"x": text}).encode(),
    "what Python prints": lambda text: repr({"x": text.encode()}).encode(),
    "URL": lambda text: f"GET /r/x?name={quote(text, safe='')}".encode(),
    "form": lambda text: f"name={quote_plus(text)}&x=1".encode(),
    "hex": lambda text: text.encode().hex().encode(),
    "hex in capitals": lambda text: text.encode().hex().upper().encode(),
    "hex that begins anywhere": lambda text: b"a" + text.encode().hex().encode() + b"bc",
    "UTF-16 LE": lambda text: text.encode("utf-16-le"),
    "UTF-16 BE": lambda text: text.encode("utf-16-be"),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 in lines": lambda text: base64.encodebytes(b"x" * 50 + text.encode()),
}
FOLDED: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "small letters": str.lower,
    "no accents": lambda text: unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower(),
    "accents apart": lambda text: unicodedata.normalize("NFD", text),
}
MADE = {  # by us or by a registry, of what was typed in other ways
    "folded": (OWN.family, "zyxquava"),
    "folded with an accent": (PICTURE.family, "krandtheim"),
    "capitals with an accent": (PICTURE.family, "KRANDTHÉIM"),
    "English": ("August 23, 1961", "August 23, 1961"),
    "Spanish": ("23 de agosto de 1961", "23 de agosto de 1961"),
    "Tagalog": ("Agosto 23, 1961", "Agosto 23, 1961"),
    "Vietnamese": ("23 tháng 8, 1961", "23 tháng 8, 1961"),
    "Chinese": ("1961年8月23日", "1961年8月23日"),
    "Korean": ("1961년 8월 23일", "1961년 8월 23일"),
    "Arabic": ("23 أغسطس 1961", "23 أغسطس 1961"),
    "without zeros": ("8/23/1961", "8/23/1961"),
    "day first": ("23/8/1961", "23/8/1961"),
    "HL7": ("19610823", "19610823"),
    "national": ("(360) 555-0141", "(360) 555-0141"),
    "national with hyphens": ("360-555-0141", "+1-360-555-0141"),
    "national with points": ("360.555.0141", "360.555.0141"),
}
every_encoding = pytest.mark.parametrize("encode", ENCODED.values(), ids=ENCODED)


@pytest.mark.parametrize("text", LONG)
@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_it_is_found_in_base64_wherever_it_begins(text: str, before: str) -> None:
    around = f"{before}{text} and more".encode()

    assert clear(base64.b64encode(around), [text]) == [text]
    assert clear(base64.urlsafe_b64encode(b"\xff\xff\xff" + around), [text]) == [text]


@every_encoding
@pytest.mark.parametrize("text", LONG)
def test_it_is_found_in_each_encoding(text: str, encode: Callable[[str], bytes]) -> None:
    assert clear(b"\x00 " + encode(text) + b" \x00", [text]) == [text]
    assert clear(b"\x00 " + encode("Zyxquive 1961-08-24 3605550142") + b" \x00", [text]) == []


@every_encoding
@pytest.mark.parametrize("fold", FOLDED.values(), ids=FOLDED)
def test_a_name_is_found_however_it_was_folded(fold: Callable[[str], str], encode: Callable[[str], bytes]) -> None:
    assert clear(encode(f"{fold(NAME)} "), [NAME]) == [NAME]


@every_encoding
@pytest.mark.parametrize(("looked_for", "written"), MADE.values(), ids=MADE)
def test_what_we_make_of_a_person_is_looked_for(looked_for: str, written: str, encode: Callable[[str], bytes]) -> None:
    personal = [*OWN.personal(), *PICTURE.personal()]

    assert looked_for in personal
    assert looked_for in clear(encode(written), personal)


@pytest.mark.parametrize("encoding", ["plain", "hex", "hex in capitals", "UTF-16 LE", "UTF-16 BE", "base64"])
def test_a_pin_is_found_in_each_encoding(encoding: str) -> None:
    assert clear(b"\x00 " + ENCODED[encoding](PIN) + b" \x00", [PIN]) == [PIN]


@pytest.mark.parametrize("held", ['"pin":"7391"', "pin=7391&", "(7391)", "7391"])
def test_a_pin_is_found_where_it_stands_by_itself(held: str) -> None:
    assert clear(held, [PIN]) == [PIN]


@pytest.mark.parametrize("held", ["a7391f", "0.7391", "1795007391", "x/7391+"])
def test_four_digits_inside_something_longer_are_no_pin(held: str) -> None:
    assert clear(held, [PIN]) == []
