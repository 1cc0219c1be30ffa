"""A birth date in all usual ways of writing, and never a guess."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date, get_day_names, get_month_names
from dateutil import parser

from bot.conversation.answers.calendar_words import in_short
from bot.conversation.answers.check import Asked, Check, Clean, Wrong
from bot.conversation.folding import ascii_digits, fold

TOKEN = re.compile(r"\d+|[^\W\d_]+")
ORDINAL = re.compile(r"(?<=\d)(st|nd|rd|th|ro|er|o)\b")  # 1st, 1ro
LABEL = re.compile(r"(?<=[^\W\d]):")  # "dob: 3/27/1985", but no time such as 10:30
BETWEEN = re.compile(r"[\s/.,'’`´·、。・–—-]*")
FILLERS = frozenset(
    "of the on i was is it its s my born birth birthday date dob day month year "
    "de del el en es mi fecha nacimiento cumpleanos naci nacido nacida dia mes ano".split()
)
MONTHS = tuple(names[0].casefold() for names in parser.parserinfo.MONTHS)  # dateutil's own short names
YEARS = re.compile(r"(\d+)y")
MARKED = re.compile(r"(\d+)\s*([年月日号號년월일])")  # a number that says what it is
NUMBER = re.compile(r"(\d+)\s*([年月日号號년월일]?)")
BETWEEN_MARKED = re.compile(r"[\s/.,、。()-]*")
MEANING = dict(zip("年月日号號년월일", "ymdddymd", strict=True))
AROUND = re.compile(  # weekdays and small words, which Chinese and Korean write without spaces
    r"\(?(?:(?:星期|礼拜|禮拜|周|週)[一二三四五六日天]|[일월화수목금토]요일)\)?|\([日一二三四五六일월화수목금토]\)?|"
    r"(?:出生(?:日期|年月日?)?|生日|公[元历曆]|西[元历曆]|[阳陽国國新][历曆]|[我的是在为為于於生]|"
    r"생년월일|생일|출생(?:일|연월일)?|태어난 날|태어났(?:어요|습니다)|양력|서기|"
    r"입니다|이에요|이예요|[예에이]요|[요에생은는이제저내나])\s*:?"
)
CHINESE_NUMBER = re.compile(r"[〇○零一二三四五六七八九十]+")  # 廿, 初 and 正月 are of the lunar calendar: not read
CHINESE_DIGITS = {"〇": 0, "○": 0} | {numeral: digit for digit, numeral in enumerate("零一二三四五六七八九")}
ROC_YEAR = re.compile(r"(?:中[华華])?民[国國]\s*(\d{1,3})(?!\d)")  # Taiwan counts from 1912
ORDERS = {"mdy": ("mdy", "dmy"), "dmy": ("dmy", "mdy"), "ymd": ("ymd", "mdy", "dmy")}  # the own one first
DEFAULTS = (datetime(1904, 1, 1), datetime(1927, 2, 9))  # noqa: DTZ001 - a part that is missing differs


def check(text: str, asked: Asked) -> Clean | Wrong:
    plain = _plain(text)
    if MARKED.search(plain):
        return _check_marked(plain, asked)
    tokens = _tokens(plain, (asked.words.code, *asked.languages))
    if not tokens:
        return Wrong("not_a_date")
    if not _complete(tokens, asked.words.date_order):
        return Wrong("incomplete")
    return _judged(_readings(tokens, asked), _has_century(tokens), asked)


def show(value: str, language: str) -> str:
    """ "1985-03-27" -> "27 de marzo de 1985"."""
    return format_date(date.fromisoformat(value), "long", locale=language.replace("-", "_"))


def read_years(text: str) -> int:
    """ "120y" -> 120. Raises ValueError."""
    if not (match := YEARS.fullmatch(text)):
        raise ValueError("write a number of years, such as 120y")
    return int(match[1])


def _plain(text: str) -> str:
    """Folded and in digits: "我的生日是民國74年三月27號" -> "1985年3月27號"."""
    bare = AROUND.sub(" ", ascii_digits(fold(text)))
    digits = CHINESE_NUMBER.sub(_in_digits, bare)
    return ROC_YEAR.sub(lambda year: str(int(year[1]) + 1911), digits)


def _in_digits(number: re.Match[str]) -> str:
    """一九八五 -> 1985, 二十七 -> 27; what is neither stays as it is."""
    tens, ten, ones = number[0].partition("十")
    if not ten:
        return "".join(str(CHINESE_DIGITS[numeral]) for numeral in tens)
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return number[0]
    return str(CHINESE_DIGITS.get(tens, 1) * 10 + CHINESE_DIGITS.get(ones, 0))


def _check_marked(plain: str, asked: Asked) -> Clean | Wrong:
    """1985年3月27日, 85년 3월 27일, 3月27日1985: one of the three may go without its mark."""
    if BETWEEN_MARKED.sub("", NUMBER.sub("", plain)):
        return Wrong("not_a_date")
    found = NUMBER.findall(plain)
    parts = {MEANING.get(mark, ""): number for number, mark in found}
    missing = {"y", "m", "d"} - parts.keys()
    if len(found) != 3 or len(parts) != 3 or len(missing) > 1:
        return Wrong("incomplete")
    year, month, day = (parts.get(part, parts.get("", "")) for part in "ymd")
    if len(year) not in (2, 4):
        return Wrong("incomplete")
    try:
        read = date(_Past(asked.today).convertyear(int(year), len(year) == 4), int(month), int(day))
    except (ValueError, OverflowError):
        return Wrong("impossible")
    return _judged([_in_the_past(read, [year], asked.today)], len(year) == 4, asked)


def _judged(readings: list[date], century: bool, asked: Asked) -> Clean | Wrong:
    if not readings:
        return Wrong("impossible")
    if wrong := _out_of_range(readings[0], asked):
        return wrong
    sure = len(set(readings)) == 1 and century
    return Clean(readings[0].isoformat(), "ok" if sure else "ambiguous")


def _tokens(plain: str, languages: tuple[str, ...]) -> list[str]:
    """The numbers and the month (as dateutil calls it); nothing at all if the text holds anything else."""
    plain = ORDINAL.sub("", LABEL.sub(" ", in_short(plain)))
    if BETWEEN.sub("", TOKEN.sub("", plain)):
        return []
    months, idle = _calendar(languages)
    found = [months.get(word, word) for word in TOKEN.findall(plain) if word not in idle]
    known = all(len(word) in (1, 2, 4, 6, 8) if word.isdecimal() else word in MONTHS for word in found)
    return _split_compact(found) if known else []


@lru_cache
def _calendar(languages: tuple[str, ...]) -> tuple[dict[str, str], frozenset[str]]:
    """Month names of these languages and English (folded: dateutil's), and the words that say nothing."""
    months = {fold(name): names[0].casefold() for names in parser.parserinfo.MONTHS for name in names}
    idle = set(FILLERS)
    for locale in (code.replace("-", "_") for code in (*languages, "en")):
        for names in (
            get_month_names("wide", "format", locale),
            get_month_names("abbreviated", "format", locale),
            get_month_names("wide", "stand-alone", locale),
        ):
            months |= {fold(name): MONTHS[number - 1] for number, name in names.items() if fold(name) not in months}
        idle.update(fold(name) for name in get_day_names("wide", "format", locale).values())
    return months, frozenset(idle)


def _split_compact(found: list[str]) -> list[str]:
    """One run of digits is a date too: 03271985, 19850327, 032785."""
    if len(found) != 1 or len(found[0]) not in (6, 8):
        return found
    digits = found[0]
    if len(digits) == 8 and digits[:2] in ("19", "20") and "01" <= digits[4:6] <= "12":
        return [digits[:4], digits[4:6], digits[6:]]
    return [digits[:2], digits[2:4], digits[4:]]


def _complete(tokens: list[str], order: str) -> bool:
    """Day, month and year, the year in two or four digits."""
    if len(tokens) != 3 or sum(not token.isdecimal() for token in tokens) > 1:
        return False
    year_first = len(tokens[0]) == 2 and tokens[0].isdecimal() and (tokens[0] > "31" or order == "ymd")
    return _has_century(tokens) or (len(tokens[-1]) == 2 and tokens[-1].isdecimal()) or year_first


def _has_century(tokens: Iterable[str]) -> bool:
    return any(len(token) == 4 and token.isdecimal() for token in tokens)


def _readings(tokens: list[str], asked: Asked) -> list[date]:
    """Every way to read the three parts, the language's own way first."""
    year_first = len(tokens[0]) == 4 and tokens[0].isdecimal()
    orders = ("ymd",) if year_first else ORDERS[asked.words.date_order]
    found = [_read(tokens, order, asked.today) for order in orders]
    return [reading for reading in found if reading]


def _read(tokens: list[str], order: str, today: date) -> date | None:
    separator = "/" if all(token.isdecimal() for token in tokens) else " "
    info = _Past(today, dayfirst=order == "dmy", yearfirst=order == "ymd")
    try:
        found = {parser.parse(separator.join(tokens), info, default=default).date() for default in DEFAULTS}
    except (parser.ParserError, OverflowError):
        return None
    day = found.pop()
    return None if found else _in_the_past(day, tokens, today)


def _in_the_past(day: date, tokens: list[str], today: date) -> date:
    """Two-digit years lie in the past: 12/31/26 was in 1926 until that day has come."""
    if day <= today or _has_century(tokens):
        return day
    return day.replace(year=day.year - 100)  # never from 2000, which is past, to 1900, which had no 29 February


class _Past(parser.parserinfo):
    """The century by the day of asking, not by this machine's clock."""

    def __init__(self, today: date, dayfirst: bool = False, yearfirst: bool = False) -> None:
        super().__init__(dayfirst, yearfirst)
        self.today = today

    def convertyear(self, year: int, century_specified: bool = False) -> int:
        if year >= 100 or century_specified:
            return year
        return 2000 + year if 2000 + year <= self.today.year else 1900 + year


def _out_of_range(day: date, asked: Asked) -> Wrong | None:
    if day > asked.today:
        return Wrong("future")
    if asked.today.year - day.year > read_years(asked.settings.get("oldest", "120y")):
        return Wrong("too_old")
    return None


CHECK = Check(
    run=check,
    errors=("not_a_date", "incomplete", "impossible", "future", "too_old"),
    outcomes=("ok", "ambiguous"),
    settings={"oldest": read_years},
    show=show,
    worst="30 de septiembre de 1985",
)
