"""Birth dates as they are written in Vietnamese, Arabic and Tagalog."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.answers import CHECKS, Asked, Clean, Wrong
from bot.flow_folder import open_flow

WORDS = open_flow(Path(__file__).parent.parent / "flows" / "vaccine_record").words["en"]
LANGUAGES = ("en", "es", "zh-Hans", "zh-Hant", "ko", "vi", "ar", "tl")
ORDERS = {"vi": "dmy", "ar": "dmy", "tl": "mdy"}
TODAY = date(2026, 11, 18)
BIRTH = "1985-03-27"
check, show = CHECKS["date_of_birth"].run, CHECKS["date_of_birth"].show


def asked(language: str) -> Asked:
    words = replace(WORDS, code=language, date_order=ORDERS[language])
    return Asked(words, LANGUAGES, {}, TODAY, "+13605550100", {}, {})


VIETNAMESE = """
27 tháng 3 năm 1985
27 tháng 3, 1985
ngày 27 tháng 3 năm 1985
ngày 27 tháng 3, 1985
Ngày 27 Tháng 3 Năm 1985
NGÀY 27 THÁNG 3 NĂM 1985
ngay 27 thang 3 nam 1985
ngày 27 tháng 03 năm 1985
27 tháng 03 1985
27tháng3năm1985
27 tháng 3/1985
ngày: 27 tháng: 3 năm: 1985
sinh ngày 27 tháng 3 năm 1985
sinh ngày 27/3/1985
tôi sinh ngày 27 tháng 3 năm 1985
con tôi sinh vào ngày 27 tháng 3 năm 1985.
ngày sinh: 27/3/1985
ngày sinh của tôi là 27-03-1985
ngày tháng năm sinh: 27/03/1985
27 tháng ba năm 1985
ngày 27 tháng Ba, 1985
27 thg 3, 1985
27 Thg 3 1985
tháng 3 ngày 27 năm 1985
tháng 3 27, 1985
năm 1985 tháng 3 ngày 27
thứ Tư, 27 tháng 3, 1985
Thứ Tư ngày 27 tháng 3 năm 1985
chủ nhật 27/3/1985
27/3/1985
27/03/1985
27-3-1985
27-03-1985
27.3.1985
27.03.1985
27 3 1985
27 / 3 / 1985
27031985
1985-03-27
1985/3/27
27 March 1985
March 27, 1985
""".strip().splitlines()

ARABIC = """
27 مارس 1985
27 مارس، 1985
٢٧ مارس ١٩٨٥
۲۷ مارس ۱۹۸۵
27مارس1985
مارس 27 1985
1985 مارس 27
27 آذار 1985
27 اذار 1985
٢٧ آذار، ١٩٨٥
27 من مارس 1985
27 من آذار سنة 1985
27 مارس عام 1985
27 مارس لعام 1985
27 مارس سنه 1985
27 شهر مارس 1985
27 شهر 3 سنة 1985
٢٧ شهر ٣ سنة ١٩٨٥
27 شهر 03 1985
يوم 27 شهر 3 سنة 1985
اليوم: 27 الشهر: 3 السنة: 1985
يوم 27 مارس 1985 م
27 مارس 1985م
يوم الأربعاء 27 مارس 1985
الأربعاء، ٢٧ مارس ١٩٨٥
ولدت في 27 مارس 1985
ولدت يوم ٢٧ مارس عام ١٩٨٥
أنا مولود في 27/3/1985
مواليد 27/3/1985
تاريخ الميلاد: 27/3/1985
تاريخ الميلاد هو ٢٧ مارس ١٩٨٥
مــارس 27 1985
27 مَارِس 1985
٢٧/٣/١٩٨٥
٢٧/٠٣/١٩٨٥
٢٧-٣-١٩٨٥
٢٧.٣.١٩٨٥
٢٧ ٣ ١٩٨٥
٢٧ / ٣ / ١٩٨٥
١٩٨٥/٣/٢٧
٢٧٠٣١٩٨٥
27/3/1985
27-03-1985
27\u200f/3\u200f/1985
\u202b27 مارس 1985\u202c
27 March 1985
""".strip().splitlines()

TAGALOG = """
Marso 27, 1985
marso 27 1985
MARSO 27, 1985
27 Marso 1985
ika-27 ng Marso 1985
ika-27 ng Marso, 1985
Ika-27 ng Marso, taong 1985
ika 27 ng Marso taon 1985
ika-27 ng buwan ng Marso 1985
ika-27 araw ng Marso, 1985
a-27 ng Marso 1985
a 27 ng marso, 1985
ika-27 nang Marso 1985
noong Marso 27, 1985
noong ika-27 ng Marso 1985
ipinanganak ako noong Marso 27, 1985
Ipinanganak po ako noong ika-27 ng Marso, 1985
isinilang noong Marso 27 1985
ang kaarawan ko ay Marso 27, 1985
ang petsa ng kapanganakan ko ay 3/27/1985
petsa ng kapanganakan: Marso 27, 1985
kaarawan: 03/27/1985
Marso 27, 1985 po
Miyerkules, Marso 27, 1985
Miyerkules, ika-27 ng Marso 1985
Mar 27, 1985
Mar. 27 1985
27-Mar-1985
27Mar1985
1985 Marso 27
March 27, 1985
March 27th 1985
27 de Marso 1985
3/27/1985
03/27/1985
3-27-1985
3.27.1985
3 27 1985
27/3/1985
03271985
1985-03-27
""".strip().splitlines()

REAL_WAYS = [
    (language, text) for language, texts in zip(ORDERS, (VIETNAMESE, ARABIC, TAGALOG), strict=True) for text in texts
]


@pytest.mark.parametrize(("language", "text"), REAL_WAYS, ids=str)
def test_a_date_is_read_as_people_write_it(language: str, text: str) -> None:
    assert check(text, asked(language)) == Clean(BIRTH)


MONTHS = {
    "vi": """
    tháng 1|tháng 01|tháng một|tháng Một
    tháng 2|tháng hai
    tháng 3|tháng ba
    tháng 4|tháng tư
    tháng 5|tháng năm
    tháng 6|tháng sáu
    tháng 7|tháng bảy
    tháng 8|tháng tám
    tháng 9|tháng chín
    tháng 10|tháng mười
    tháng 11|tháng mười một
    tháng 12|tháng mười hai
    """,
    "ar": """
    يناير|كانون الثاني|كانون ثاني|جانفي|شهر 1
    فبراير|شباط|فيفري|شهر ٢
    مارس|آذار|أذار
    أبريل|ابريل|إبريل|نيسان|أفريل
    مايو|أيار|ايار|ماي|مايس
    يونيو|يونيه|حزيران|جوان
    يوليو|يوليه|تموز|جويلية|يوليوز
    أغسطس|اغسطس|آب|اب|أوت|غشت
    سبتمبر|أيلول|ايلول|شتنبر
    أكتوبر|اكتوبر|تشرين الأول|تشرين الاول|تشرين أول
    نوفمبر|تشرين الثاني|تشرين ثاني|نونبر
    ديسمبر|كانون الأول|كانون الاول|كانون أول|دجنبر
    """,
    "tl": """
    Enero|Ene|January
    Pebrero|Peb
    Marso|Mar
    Abril|Abr
    Mayo|May
    Hunyo|Hun|June
    Hulyo|Hul
    Agosto|Ago
    Setyembre|Set|Septyembre|Sept
    Oktubre|Okt
    Nobyembre|Nob
    Disyembre|Dis|Desyembre
    """,
}
NAMED = [
    (language, name, month)
    for language, lines in MONTHS.items()
    for month, names in enumerate(lines.strip().splitlines(), 1)
    for name in names.strip().split("|")
]


@pytest.mark.parametrize(("language", "name", "month"), NAMED, ids=str)
def test_every_month_is_known_by_its_names_and_never_taken_for_a_day(language: str, name: str, month: int) -> None:
    assert check(f"4 {name} 1985", asked(language)) == Clean(f"1985-{month:02}-04")


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("vi", "ngày 4 tháng 3 năm 1985", "1985-03-04"),
        ("vi", "tháng 4 ngày 3 năm 1985", "1985-04-03"),
        ("vi", "mùng 5 tháng 5 năm 1985", "1985-05-05"),
        ("vi", "27 tháng năm năm 1985", "1985-05-27"),
        ("vi", "27 tháng mười một năm 1985", "1985-11-27"),
        ("vi", "thứ Năm 2 tháng năm năm 1985", "1985-05-02"),
        ("ar", "يوم 4 شهر 3 سنة 1985", "1985-03-04"),
        ("ar", "٤ كانون الثاني ١٩٨٥", "1985-01-04"),
        ("ar", "الجمعة 4 تشرين الأول 1985", "1985-10-04"),
        ("tl", "ika-4 ng Mayo 1985", "1985-05-04"),
        ("tl", "ika-1 ng Hunyo, 2015", "2015-06-01"),
    ],
    ids=str,
)
def test_a_day_and_a_month_that_say_what_they_are_need_no_asking(language: str, text: str, expected: str) -> None:
    assert check(text, asked(language)) == Clean(expected)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("vi", "3/4/1985", "1985-04-03"),
        ("vi", "03-04-1985", "1985-04-03"),
        ("vi", "27.3.85", BIRTH),
        ("vi", "27 tháng 3 năm 85", BIRTH),
        ("ar", "٣/٤/١٩٨٥", "1985-04-03"),
        ("ar", "27.3.85", BIRTH),
        ("ar", "27 مارس 85", BIRTH),
        ("tl", "3/4/1985", "1985-03-04"),
        ("tl", "ika-27 ng Marso '85", BIRTH),
        ("tl", "3/27/85", BIRTH),
    ],
    ids=str,
)
def test_what_can_be_read_in_two_ways_is_read_back_the_languages_own_way(
    language: str, text: str, expected: str
) -> None:
    assert check(text, asked(language)) == Clean(expected, "ambiguous")


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("vi", "tháng 3 năm 1985", "incomplete"),
        ("vi", "ngày 27 tháng 3", "incomplete"),
        ("vi", "tháng năm năm 1985", "incomplete"),
        ("vi", "ngày tháng năm sinh", "not_a_date"),
        ("vi", "3 tháng 27 năm 1985", "not_a_date"),
        ("vi", "30 tháng 2 năm 1985", "impossible"),
        ("vi", "15 tháng giêng năm 1985", "not_a_date"),
        ("vi", "27 tháng chạp 1985", "not_a_date"),
        ("vi", "27 tháng 3 năm 1985 âm lịch", "not_a_date"),
        ("vi", "hôm qua", "not_a_date"),
        ("vi", "27 tháng 3 năm 2027", "future"),
        ("ar", "مارس 1985", "incomplete"),
        ("ar", "كانون 1985", "not_a_date"),
        ("ar", "27 تشرين 1985", "not_a_date"),
        ("ar", "7 رجب 1405 هـ", "not_a_date"),
        ("ar", "7/7/1405 هـ", "not_a_date"),
        ("ar", "3 شهر 27 سنة 1985", "not_a_date"),
        ("ar", "اليوم", "not_a_date"),
        ("ar", "٣٠ فبراير ١٩٨٥", "impossible"),
        ("tl", "ika-27 ng Marso", "incomplete"),
        ("tl", "Pebrero 30, 1985", "impossible"),
        ("tl", "kahapon", "not_a_date"),
        ("tl", "ang", "not_a_date"),
    ],
    ids=str,
)
def test_half_a_date_or_another_calendars_is_never_completed(language: str, text: str, code: str) -> None:
    assert check(text, asked(language)) == Wrong(code)


def test_a_date_is_read_back_in_the_residents_language() -> None:
    assert show(BIRTH, "vi") == "27 tháng 3, 1985"
    assert show(BIRTH, "ar") == "27 مارس 1985"
    assert show(BIRTH, "tl") == "Marso 27, 1985"


days = st.dates(min_value=date(1907, 1, 1), max_value=TODAY)


@given(days, st.sampled_from([*ORDERS]))
def test_what_we_show_is_read_as_the_same_day(day: date, language: str) -> None:
    assert check(show(day.isoformat(), language), asked(language)) == Clean(day.isoformat())


@given(days)
def test_any_date_is_read_as_itself_in_whole_words(day: date) -> None:
    arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    ways = {
        f"ngày {day.day} tháng {day.month} năm {day.year}": "vi",
        f"sinh ngày {day:%d} tháng {day:%m}, {day.year}": "vi",
        f"يوم {day.day} شهر {day.month} سنة {day.year}".translate(arabic): "ar",
        f"{show(day.isoformat(), 'ar')} م".translate(arabic): "ar",
        f"ika-{day.day} ng {show(day.isoformat(), 'tl').split()[0]}, taong {day.year}": "tl",
    }

    found = {way: check(way, asked(language)) for way, language in ways.items()}

    assert found == dict.fromkeys(ways, Clean(day.isoformat()))
