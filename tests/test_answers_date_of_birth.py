"""Birth dates: every usual way of writing one is read, nothing is ever guessed."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.answers import CHECKS, Asked, Clean, Wrong
from bot.flow_folder import open_flow

FLOW = open_flow(Path(__file__).parent.parent / "flows" / "vaccine_record")
TODAY = date(2026, 11, 18)
BIRTH = "1985-03-27"
check = CHECKS["date_of_birth"].run


def asked(language: str = "en", today: date = TODAY, **given_settings: str) -> Asked:
    return Asked(FLOW.words[language], FLOW.languages, {}, today, "+13605550100", {}, given_settings)


SURE_IN_BOTH = """
3/27/1985
03/27/1985
27/3/1985
27/03/1985
3-27-1985
27-03-1985
3.27.1985
27.03.1985.
3 27 1985
27 3 1985
3 / 27 / 1985
1985-03-27
1985/03/27
1985.3.27
1985 3 27
03271985
27031985
19850327
March 27, 1985
March 27 1985
march 27th 1985
MARCH 27TH, 1985
27 March 1985
27th March 1985
the 27th of March, 1985
27-Mar-1985
Mar 27 1985
Mar. 27, 1985
27MAR1985
1985 March 27
Wednesday, March 27, 1985
born March 27, 1985
I was born on the 27th of March 1985
My birthday is 3/27/1985
It is March 27 1985.
27 de marzo de 1985
27 de Marzo del 1985
el 27 de marzo de 1985
27 marzo 1985
marzo 27 de 1985
marzo 27, 1985
MARZO 27 1985
27-mar-1985
27 mar. 1985
miércoles 27 de marzo de 1985
nací el 27 de marzo de 1985
mi fecha de nacimiento es 27/3/1985
día 27 mes 3 año 1985
1985, marzo 27
３／２７／１９８５
0３/27/1985
٠٣/٢٧/١٩٨٥
۲۷/۰۳/۱۹۸۵
०३/२७/१९८५
*3/27/1985*
"3/27/1985"
(3/27/1985)
3/27/1985!!
""".strip().splitlines()


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("text", SURE_IN_BOTH, ids=str)
def test_an_unambiguous_date_is_read_as_itself(text: str, language: str) -> None:
    assert check(text, asked(language)) == Clean(BIRTH)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1º de mayo de 1990", "1990-05-01"),
        ("1ro de mayo de 1990", "1990-05-01"),
        ("primero", None),
        ("ene 5 1990", "1990-01-05"),
        ("5 de agosto de 2010", "2010-08-05"),
        ("2 dic 1990", "1990-12-02"),
        ("Sept 9 1979", "1979-09-09"),
        ("22nd of June 1981", "1981-06-22"),
        ("May 5 1990", "1990-05-05"),
        ("Feb 29 1988", "1988-02-29"),
        ("5/5/1990", "1990-05-05"),
        ("1 31 1985", "1985-01-31"),
    ],
    ids=str,
)
def test_other_months_and_days(text: str, expected: str | None) -> None:
    found = check(text, asked("es"))

    assert found == (Clean(expected) if expected else Wrong("not_a_date"))


@pytest.mark.parametrize(
    ("text", "english", "spanish"),
    [
        ("03/04/1985", "1985-03-04", "1985-03-04"),
        ("4-3-1985", "1985-04-03", "1985-04-03"),
        ("12/11/2020", "2020-12-11", "2020-12-11"),
        ("03041985", "1985-03-04", "1985-03-04"),
        ("3/27/85", BIRTH, BIRTH),
        ("27/3/85", BIRTH, BIRTH),
        ("March 27 '85", BIRTH, BIRTH),
        ("27 de marzo del 85", BIRTH, BIRTH),
        ("032785", BIRTH, BIRTH),
        ("85-03-27", BIRTH, BIRTH),
        ("1/2/03", "2003-01-02", "2003-01-02"),
    ],
    ids=str,
)
def test_what_can_be_read_in_two_ways_is_read_back(text: str, english: str, spanish: str) -> None:
    assert check(text, asked("en")) == Clean(english, "ambiguous")
    assert check(text, asked("es")) == Clean(spanish, "ambiguous")


def test_the_languages_own_order_is_read_first() -> None:
    day_first = replace(asked(), words=replace(FLOW.words["es"], date_order="dmy"))

    assert check("03/04/1985", day_first) == Clean("1985-04-03", "ambiguous")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11/17/26", "2026-11-17"),
        ("11/18/26", "2026-11-18"),
        ("11/19/26", "1926-11-19"),
        ("12/31/26", "1926-12-31"),
        ("1/1/27", "1927-01-01"),
        ("3/27/99", "1999-03-27"),
        ("3/27/00", "2000-03-27"),
        ("2/29/00", "2000-02-29"),
        ("2/29/28", "1928-02-29"),
    ],
    ids=str,
)
def test_a_two_digit_year_lies_in_the_past_and_is_read_back(text: str, expected: str) -> None:
    assert check(text, asked()) == Clean(expected, "ambiguous")


def test_a_leap_day_that_is_still_to_come_was_a_hundred_years_ago() -> None:
    assert check("2/29/28", asked(today=date(2028, 2, 1))) == Clean("1928-02-29", "ambiguous")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "text",
    [
        "10",
        "1985",
        "March",
        "marzo",
        "March 1985",
        "marzo de 1985",
        "March 27",
        "3/27",
        "27.3.",
        "3/1985",
        "85",
        "4.5.6",
        "9/3/4",
        "March 12 5",
        "4 mar 5",
        "1 2 3",
        "3 27 19 85",
        "3/27/1985 3/28/1985",
        "may may 1985",
    ],
    ids=str,
)
def test_half_a_date_is_asked_for_again_and_never_completed(text: str, language: str) -> None:
    assert check(text, asked(language)) == Wrong("incomplete")


@pytest.mark.parametrize(
    "text",
    [
        "02/30/1985",
        "2/29/1985",
        "30 de febrero de 1985",
        "April 31 1990",
        "13/13/1985",
        "0/1/1985",
        "1/0/1985",
        "32/1/1985",
        "29 feb 1900",
        "99/99/1999",
        "00000000",
        "1985-13-01",
        "1/1/0000",
    ],
    ids=str,
)
def test_a_day_that_no_calendar_has_is_refused(text: str) -> None:
    assert check(text, asked()) == Wrong("impossible")


@pytest.mark.parametrize("text", ["11/19/2026", "1/1/2027", "3/4/2085", "March 27 9999"], ids=str)
def test_a_day_to_come_is_refused(text: str) -> None:
    assert check(text, asked()) == Wrong("future")


def test_today_is_a_birth_date() -> None:
    assert check("11/18/2026", asked()) == Clean("2026-11-18")


@pytest.mark.parametrize(
    ("text", "oldest", "expected"),
    [
        ("11/18/1906", "120y", Clean("1906-11-18")),
        ("12/31/1905", "120y", Wrong("too_old")),
        ("3/27/0085", "120y", Wrong("too_old")),
        ("3/27/1985", "18y", Wrong("too_old")),
    ],
    ids=str,
)
def test_nobody_is_older_than_the_flow_says(text: str, oldest: str, expected: Clean | Wrong) -> None:
    assert check(text, asked(oldest=oldest)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "ayer",
        "yesterday",
        "hello",
        "10:30",
        "3/27/1985 10:30",
        "3/27/1985T00:00:00Z",
        "now",
        "today",
        "UTC",
        "3/27/985",
        "3/27/19855",
        "123456789",
        "360-555-0100",
        "Ana Reyes",
        "ana@example.org",
        "3_27_1985",
        "3+27+1985",
        "1985' OR '1'='1",
        "'; DROP TABLE people;--",
        "{birth_date}",
        "😀",
        "፩/፪/፲",
        "Ⅲ/27/1985",
        "½",
        "-" * 1600,
    ],
    ids=lambda text: text[:24] or "empty",
)
def test_what_is_no_date_is_no_date(text: str) -> None:
    assert check(text, asked()) == Wrong("not_a_date")


def test_a_date_is_read_back_in_the_residents_language() -> None:
    show = CHECKS["date_of_birth"].show

    assert show(BIRTH, "en") == "March 27, 1985"
    assert show(BIRTH, "es") == "27 de marzo de 1985"


@pytest.mark.parametrize("text", ["120", "y", "-1y", "12.5y", "ten years", ""])
def test_a_setting_that_is_no_number_of_years_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number of years"):
        CHECKS["date_of_birth"].settings["oldest"](text)


days = st.dates(min_value=date(1907, 1, 1), max_value=TODAY)
languages = st.sampled_from(["en", "es"])


@given(days, languages)
def test_any_date_is_read_as_itself_however_it_is_written(day: date, language: str) -> None:
    ways = [
        day.isoformat(),
        day.strftime("%Y%m%d"),
        day.strftime("%Y/%m/%d"),
        day.strftime("%B %d, %Y"),
        day.strftime("%d %b %Y").upper(),
        f"{day.day}{day.strftime('%b')}{day.year}",
        format_date(day, "full", locale="en"),
        format_date(day, "long", locale="es"),
        format_date(day, "full", locale="es"),
    ]

    assert {way: check(way, asked(language)) for way in ways} == dict.fromkeys(ways, Clean(day.isoformat()))


@given(days, languages)
def test_numbers_alone_are_never_taken_for_another_day_unasked(day: date, language: str) -> None:
    for text in (f"{day.month}/{day.day}/{day.year}", f"{day.day}/{day.month}/{day.year}"):
        found = check(text, asked(language))

        assert isinstance(found, Clean)
        assert found.outcome == "ambiguous" or found.value == day.isoformat()


pieces = st.sampled_from("1 2 27 1985 85 0 mar marzo de / - . , ' 19 ፩ ٣ May 31 99999 th".split())


@given(st.text() | st.lists(pieces, max_size=8).map(" ".join) | st.lists(pieces, max_size=8).map("".join), languages)
def test_whatever_is_texted_gets_an_answer(text: str, language: str) -> None:
    found = check(text, asked(language))

    if isinstance(found, Clean):
        assert date.fromisoformat(found.value) <= TODAY
        assert found.outcome in CHECKS["date_of_birth"].outcomes
    else:
        assert found.code in CHECKS["date_of_birth"].errors
