"""Contacts: the phone that texts, another phone or an email, however it is spelled."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.answers import CHECKS, Asked, Clean, Wrong
from bot.flow_folder import open_flow

FLOW = open_flow(Path(__file__).parent.parent / "flows" / "vaccine_record")
OWN = "+13605550100"
WORDS = {"this_number": tuple(w for words in FLOW.words.values() for w in words.options["contact"]["this_number"])}
check = CHECKS["contact"].run


def asked(region: str = "US") -> Asked:
    flow_settings = {"region": region}
    return Asked(FLOW.words["en"], FLOW.languages, WORDS, date(2026, 11, 18), OWN, {}, flow_settings)


@pytest.mark.parametrize(
    "text",
    [
        "1",
        " 1 ",
        "1.",
        "1)",
        "#1",
        "１",
        "١",
        "1️⃣",
        "this number",
        "This number!",
        "THIS PHONE",
        "mine",
        "here",
        "este número",
        "ESTE NUMERO",
        "aquí",
        "mi número",
    ],
    ids=repr,
)
def test_the_phone_that_texts_is_meant_by_1_or_a_word(text: str) -> None:
    assert check(text, asked()) == Clean(OWN)


SPELLINGS = """
{a}{b}{c}
{a}-{b}-{c}
{a} {b} {c}
{a}.{b}.{c}
{a}/{b}/{c}
({a}) {b}-{c}
({a}){b}{c}
1{a}{b}{c}
1-{a}-{b}-{c}
1 ({a}) {b} {c}
+1{a}{b}{c}
+1 {a} {b} {c}
+1 ({a}) {b}-{c}
+1.{a}.{b}.{c}
011 1 {a} {b} {c}
tel:+1-{a}-{b}-{c}
{a}-{b}-{c} ext. 12
{a}-{b}-{c} x12
{a}-{b}-{c} #12
{a}–{b}–{c}
my phone is {a}-{b}-{c}
Phone: {a} {b} {c}.
\u202a+1 {a}-{b}-{c}\u202c
""".strip().splitlines()


@pytest.mark.parametrize("spelling", SPELLINGS, ids=str)
def test_a_phone_is_read_in_any_spelling(spelling: str) -> None:
    own, other = (spelling.format(a="360", b="555", c=end) for end in ("0100", "0112"))

    assert check(own, asked()) == Clean(OWN)
    assert check(other, asked()) == Clean("+13605550112", "elsewhere")


@pytest.mark.parametrize(
    "digits", ["３６０５５５０１１２", "٣٦٠٥٥٥٠١١٢", "३६०५५५०११२"], ids=["wide", "arabic", "devanagari"]
)
def test_digits_of_any_script_are_digits(digits: str) -> None:
    assert check(digits, asked()) == Clean("+13605550112", "elsewhere")


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("+52 55 1234 5678", "+525512345678"),
        ("+44 20 7946 0958", "+442079460958"),
        ("011 52 55 1234 5678", "+525512345678"),
        ("+84 24 3825 5555", "+842438255555"),
    ],
)
def test_a_phone_of_another_country_has_its_country_code(text: str, phone: str) -> None:
    assert check(text, asked()) == Clean(phone, "elsewhere")


def test_the_region_says_whose_numbers_need_no_country_code() -> None:
    assert check("55 1234 5678", asked("MX")) == Clean("+525512345678", "elsewhere")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "no",
        "Ana",
        "2",
        "12",
        "911",
        "555-0100",
        "5550100",
        "555-0100 ext 3",
        "360-555-01000",
        "+1360",
        "+",
        "++",
        "3605550101 3605550102",
        "360-555-0101 or 360-555-0102",
        "1" * 30,
        "3/27/1985",
        "1985-03-27",
        "😀",
        "፩",
        "½",
        "0",
        "'; DROP TABLE people;--",
        "-" * 1600,
        "9" * 5000,
    ],
    ids=lambda text: text[:24] or "empty",
)
def test_what_is_no_contact_is_asked_for_again(text: str) -> None:
    assert check(text, asked()) == Wrong("not_a_contact")


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("ana@example.org", "ana@example.org"),
        ("Ana.Reyes@Example.ORG", "ana.reyes@example.org"),
        (" ana@example.org. ", "ana@example.org"),
        ("<ana@example.org>", "ana@example.org"),
        ("ana+vax@example.org", "ana+vax@example.org"),
        ("ana_reyes-1985@mail.example.org", "ana_reyes-1985@mail.example.org"),
        ("my email is ana@example.org", "ana@example.org"),
        ("ana@example.org, thanks", "ana@example.org"),
        ("ana＠example.org", "ana@example.org"),
        ("ana@example.org\u200b", "ana@example.org"),
        ("josé@example.org", "josé@example.org"),
    ],
    ids=str,
)
def test_an_email_is_read_in_lower_case(text: str, email: str) -> None:
    assert check(text, asked()) == Clean(email, "elsewhere")


@pytest.mark.parametrize(
    "text",
    [
        "ana@",
        "@example.org",
        "ana@example",
        "ana@localhost",
        "ana @ example.org",
        "ana@example.org bob@example.org",
        "@",
        "ana@@example.org",
        "ana@exam ple.org",
        "ana@.org",
        "ana..r@example.org",
        "a@[127.0.0.1]",
        "1@1",
        "@" * 1600,
        "ana@example.org\nBcc:bob@example.org",
        "ana,bob@example.org",
        "ana<bob@example.org",
        "ana(x)@example.org",
        "=?utf-8?q?a=2Cb=40d.org?=@example.org",
    ],
    ids=lambda text: repr(text[:30]),
)
def test_half_an_email_is_asked_for_again(text: str) -> None:
    assert check(text, asked()) == Wrong("not_an_email")


@pytest.mark.parametrize("text", ["us", "USA", "", "WA"])
def test_a_setting_that_is_no_region_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="such as US"):
        CHECKS["contact"].settings["region"](text)


pieces = st.sampled_from("1 360 555 0100 + - ( ) @ . example org ext x ; = phone-context : / 9 ; , ＠ ٣ ፩".split())


@given(st.text() | st.lists(pieces, max_size=9).map("".join))
def test_whatever_is_texted_gets_an_answer(text: str) -> None:
    found = check(text, asked())

    if isinstance(found, Clean):
        assert (found.outcome == "ok") == (found.value == OWN)
        assert "@" in found.value or (found.value[0] == "+" and found.value[1:].isdecimal() and found.value.isascii())
    else:
        assert found.code in CHECKS["contact"].errors
