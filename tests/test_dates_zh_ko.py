"""Birth dates as people write them in Chinese and Korean; never a guess here either."""

from datetime import date

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.answers import CHECKS, Asked, Clean, Wrong
from bot.conversation.flow import Words

LANGUAGES = ("en", "es", "zh-Hans", "zh-Hant", "ko")
TODAY = date(2026, 11, 18)
BIRTH = "1985-03-27"
check, show = CHECKS["date_of_birth"].run, CHECKS["date_of_birth"].show


def asked(language: str, order: str = "ymd", today: date = TODAY) -> Asked:
    words = Words(language, language, (), order, {}, {}, {}, {})
    return Asked(words, LANGUAGES, {}, today, "+13605550100", {}, {"oldest": "120y"})


SIMPLIFIED = """
1985年3月27日
1985年03月27日
1985年3月27号
1985 年 3 月 27 日
1985年 3月 27日
１９８５年３月２７日
1985年3月27日。
1985年3月27
1985年三月27日
1985年三月二十七日
1985年三月二十七号
一九八五年三月二十七日
一九八五年三月二七日
1985年3月27日星期三
1985年3月27日 周三
1985年3月27日（三）
1985年3月27日（星期三）
1985年3月27日生
1985年3月27日出生
1985年3月27日出生的
生于1985年3月27日
出生于1985年3月27日
我生于1985年3月27号
我的生日是1985年3月27日
我是1985年3月27日出生的
生日：1985年3月27日
出生日期：1985-03-27
出生年月日：1985年3月27日
公历1985年3月27日
阳历 1985年3月27日
公元1985年3月27日
3月27日1985年
3月27日，1985年
3月27号 1985
三月二十七日一九八五年
27日3月1985年
1985/3/27
1985/03/27
１９８５／３／２７
1985-03-27
1985-3-27
1985.3.27
1985．3．27
1985。3。27
1985、3、27
1985，3，27
1985—03—27
1985–3–27
1985·3·27
1985 3 27
19850327
３/２７/１９８５
3/27/1985
27/3/1985
1985 Mar 27
March 27, 1985
27 MAR 1985
""".strip().splitlines()

TRADITIONAL = """
1985年3月27日
1985年03月27號
1985 年 3 月 27 日
１９８５年３月２７日
1985年三月27號
1985年三月二十七日
一九八五年三月二十七日
一九八五年三月二十七號
1985年3月27日星期三
1985年3月27日 週三
1985年3月27日 禮拜三
1985年3月27日（三）
1985年3月27日生
1985年3月27日出生
出生於1985年3月27日
生於 1985 年 3 月 27 日
我的生日是1985年3月27號
生日：1985/03/27
出生日期：1985年3月27日
西元1985年3月27日
西曆1985年3月27日
國曆1985年3月27日
陽曆1985年3月27日
公元一九八五年三月二十七日
民國74年3月27日
民國 74 年 3 月 27 日
民國74年03月27號
民國七十四年三月二十七日
民國七四年三月二十七日
中華民國74年3月27日
民國74年3月27日生
我是民國74年3月27日出生的
民國74/3/27
民國74.3.27
民國74-03-27
民国74年3月27日
3月27日1985年
3月27號 1985
1985/3/27
1985/03/27
1985-03-27
1985.3.27
1985．03．27
1985。3。27
1985、3、27
19850327
3/27/1985
27/3/1985
1985 Mar 27
March 27, 1985
""".strip().splitlines()

KOREAN = """
1985년 3월 27일
1985년 03월 27일
1985년3월27일
1985 년 3 월 27 일
１９８５년 ３월 ２７일
1985년 3월 27일.
1985년 3월 27
1985 3월 27일
1985년 3월 27일 수요일
1985년 3월 27일(수)
1985년 3월 27일 (수요일)
수요일, 1985년 3월 27일
1985년 3월 27일생
1985년 3월 27일 출생
1985년 3월 27일 태어났습니다
1985년 3월 27일에 태어났어요
1985년 3월 27일입니다
1985년 3월 27일이에요
1985년 3월 27일이요
1985년 3월 27일요
제 생일은 1985년 3월 27일입니다
내 생일은 1985년 3월 27일
저는 1985년 3월 27일생입니다
생년월일: 1985년 3월 27일
생년월일 1985.03.27
생일: 1985-3-27
양력 1985년 3월 27일
서기 1985년 3월 27일
3월 27일 1985년
3월 27일, 1985
27일 3월 1985년
1985年 3月 27日
1985. 3. 27.
1985. 3. 27
1985.3.27
1985.03.27.
1985. 03. 27.
1985/3/27
1985/03/27
1985-03-27
1985-3-27
1985 3 27
19850327
3/27/1985
3.27.1985
27/3/1985
1985, 3, 27
1985 Mar 27
March 27, 1985
""".strip().splitlines()

BY_LANGUAGE = {"zh-Hans": SIMPLIFIED, "zh-Hant": TRADITIONAL, "ko": KOREAN}
WAYS = [(language, way) for language, ways in BY_LANGUAGE.items() for way in ways]


@pytest.mark.parametrize(("language", "text"), WAYS, ids=lambda value: value)
def test_a_date_that_can_mean_one_day_only_is_read_as_that_day(language: str, text: str) -> None:
    assert check(text, asked(language)) == Clean(BIRTH)


@pytest.mark.parametrize(
    "text", ["1985年3月27日", "民國74年3月27日", "一九八五年三月二十七日", "1985년 3월 27일"], ids=str
)
def test_a_date_with_its_marks_is_read_whatever_language_was_chosen(text: str) -> None:
    assert check(text, asked("en", "mdy")) == Clean(BIRTH)
    assert check(text, asked("vi", "dmy")) == Clean(BIRTH)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一九九〇年十月十日", "1990-10-10"),
        ("一九九零年十一月三十日", "1990-11-30"),
        ("二○○五年十二月三十一日", "2005-12-31"),
        ("二零二零年一月一日", "2020-01-01"),
        ("1990年十二月二十号", "1990-12-20"),
        ("1979年九月九日", "1979-09-09"),
        ("1988年2月29日", "1988-02-29"),
        ("民國100年1月1日", "2011-01-01"),
        ("民國一百年", None),
        ("民國一○四年五月十二日", "2015-05-12"),
        ("民國9年5月12日", "1920-05-12"),
        ("1990년 10월 7일", "1990-10-07"),
        ("2020년 12월 6일 일요일", "2020-12-06"),
        ("2020년 11월 30일 월요일", "2020-11-30"),
        ("星期日 2020年12月6日", "2020-12-06"),
        ("2020年12月6日（日）", "2020-12-06"),
    ],
    ids=str,
)
def test_other_days(text: str, expected: str | None) -> None:
    assert check(text, asked("zh-Hant")) == (Clean(expected) if expected else Wrong("not_a_date"))


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "ko"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("85年3月27日", BIRTH),
        ("八五年三月二十七日", BIRTH),
        ("85년 3월 27일", BIRTH),
        ("85년 3월 27일생", BIRTH),
        ("3月27日85年", BIRTH),
        ("3월 27일 85년", BIRTH),
        ("74年3月27日", "1974-03-27"),
        ("05年3月4日", "2005-03-04"),
        ("05년 3월 4일", "2005-03-04"),
        ("3월 4일 05년", "2005-03-04"),
        ("26年11月19日", "1926-11-19"),
        ("85/3/27", BIRTH),
        ("85.3.27", BIRTH),
        ("85. 3. 27.", BIRTH),
        ("85-03-27", BIRTH),
        ("850327", BIRTH),
        ("050327", "2005-03-27"),
        ("05/3/4", "2005-03-04"),
        ("3/27/85", BIRTH),
        ("27/3/85", BIRTH),
        ("03/04/1985", "1985-03-04"),
        ("4-3-1985", "1985-04-03"),
        ("03041985", "1985-03-04"),
        ("12/11/2020", "2020-12-11"),
    ],
    ids=str,
)
def test_what_can_be_read_in_two_ways_is_read_back(text: str, expected: str, language: str) -> None:
    assert check(text, asked(language)) == Clean(expected, "ambiguous")


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "ko"])
@pytest.mark.parametrize(
    "text",
    [
        "1985年",
        "1985年3月",
        "3月27日",
        "三月二十七日",
        "3月27日 5年",
        "104年5月1日",
        "1985年3月27日3月28日",
        "1985年1986年3月",
        "1985년",
        "1985년생",
        "1985년 3월",
        "3월 27일",
        "1985년 3월 27일 10 30",
        "1985.3",
        "3/27",
    ],
    ids=str,
)
def test_half_a_date_or_more_than_one_is_asked_for_again(text: str, language: str) -> None:
    assert check(text, asked(language)) == Wrong("incomplete")


@pytest.mark.parametrize(
    "text",
    [
        "1985年2月30日",
        "1985年13月1日",
        "85年13月5日",
        "05年3月32日",
        "1985년 4월 31일",
        "1985년 0월 1일",
        "0000年1月1日",
        f"1985年3月{'9' * 1000}日",
        "1985/2/30",
        "民國74年2月30日",
    ],
    ids=lambda text: text[:16],
)
def test_a_day_that_no_calendar_has_is_refused(text: str) -> None:
    assert check(text, asked("zh-Hant")) == Wrong("impossible")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026年11月19日", "future"),
        ("2027년 1월 1일", "future"),
        ("民國1985年3月27日", "not_a_date"),
        ("民國200年1月1日", "future"),
        ("1905年12月31日", "too_old"),
        ("1905년 12월 31일", "too_old"),
    ],
    ids=str,
)
def test_a_day_to_come_or_long_ago_is_refused(text: str, code: str) -> None:
    assert check(text, asked("zh-Hant")) == Wrong(code)


@pytest.mark.parametrize(
    "text",
    [
        "农历1985年3月27日",
        "農曆1985年3月27日",
        "旧历1985年3月27日",
        "阴历三月二十七",
        "1985年三月廿七",
        "1985年正月初五",
        "1985年閏四月五日",
        "음력 1985년 3월 27일",
        "不是1985年3月27日",
        "1985년 3월 27일이 아니에요",
        "民前5年3月27日",
        "昭和60年3月27日",
        "昨天",
        "어제",
        "王小明",
        "一",
        "十十",
        "日",
        "월",
        "年月日",
        "我的生日",
        "생일",
        "1985年3月27日10:30",
    ],
    ids=str,
)
def test_another_calendar_and_what_is_no_date_is_not_guessed_at(text: str) -> None:
    assert isinstance(check(text, asked("zh-Hans")), Wrong)


def test_a_date_is_read_back_in_the_residents_language() -> None:
    assert show(BIRTH, "zh-Hans") == "1985年3月27日"
    assert show(BIRTH, "zh-Hant") == "1985年3月27日"
    assert show(BIRTH, "ko") == "1985년 3월 27일"


days = st.dates(min_value=date(1907, 1, 1), max_value=TODAY)
languages = st.sampled_from(LANGUAGES[2:])
NUMERALS = "〇 一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九 二十".split()
NUMERALS += [f"二十{ones}" for ones in NUMERALS[1:10]] + ["三十", "三十一"]


@given(days, languages)
def test_any_date_is_read_as_itself_however_it_is_written(day: date, language: str) -> None:
    locale = language.replace("-", "_")
    ways = [
        show(day.isoformat(), language),
        format_date(day, "full", locale=locale),
        format_date(day, "medium", locale=locale),
        f"{day.year}年{day.month}月{day.day}号",
        f"{''.join(NUMERALS[int(d)] for d in str(day.year))}年{NUMERALS[day.month]}月{NUMERALS[day.day]}日",
        f"{day.month}月{day.day}日{day.year}年",
        f"{day.year}년{day.month}월{day.day}일",
        f"{day.year}. {day.month}. {day.day}.",
        f"{day.year}/{day.month}/{day.day}",
        day.strftime("%Y.%m.%d"),
        day.isoformat(),
    ]
    if day.year > 1911:
        ways.append(f"民國{day.year - 1911}年{day.month}月{day.day}日")

    assert {way: check(way, asked(language)) for way in ways} == dict.fromkeys(ways, Clean(day.isoformat()))


@given(days, languages)
def test_numbers_alone_are_never_taken_for_another_day_unasked(day: date, language: str) -> None:
    year = f"{day.year % 100:02}"
    texts = [f"{day.month}/{day.day}/{day.year}", f"{day.day}/{day.month}/{day.year}"]
    texts += [f"{year}/{day.month:02}/{day.day:02}", f"{year}年{day.month}月{day.day}日", f"{year}{day:%m%d}"]
    for text in texts:
        found = check(text, asked(language))

        if isinstance(found, Clean):
            assert found.outcome == "ambiguous" or found.value == day.isoformat()
        else:
            assert found.code == "future"  # read the other way round, and asked for again


pieces = st.sampled_from(
    "1 27 1985 85 年 月 日 号 년 월 일 三 十 二十 〇 民國 生日 星期 일요일 입니다 ( ) : / . 的".split()
)


@given(st.lists(pieces, max_size=9).map("".join) | st.lists(pieces, max_size=9).map(" ".join), languages)
def test_whatever_is_texted_gets_an_answer(text: str, language: str) -> None:
    found = check(text, asked(language))

    if isinstance(found, Clean):
        assert date.fromisoformat(found.value) <= TODAY
        assert found.outcome in CHECKS["date_of_birth"].outcomes
    else:
        assert found.code in CHECKS["date_of_birth"].errors
