"""A birth date in all usual ways of writing, and never a guess."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date, get_day_names, get_month_names
from dateutil import parser

from bot.conversation.answers.check import Asked, Check, Clean, Wrong
from bot.conversation.folding import ascii_digits, fold

TOKEN = re.compile(r"\d+|[^\W\d_]+")
ORDINAL = re.compile(r"(?<=\d)(st|nd|rd|th|ro|er|o)\b")  # 1st, 1ro
LABEL = re.compile(r"(?<=[^\W\d]):")  # "dob: 3/27/1985", but no time such as 10:30
BETWEEN = re.compile(r"[\s/.,'’`´·-]*")
FILLERS = frozenset(
    "of the on i was is it its s my born birth birthday date dob day month year "
    "de del el en es mi fecha nacimiento cumpleanos naci nacido nacida dia mes ano".split()
)
MONTHS = tuple(names[0].casefold() for names in parser.parserinfo.MONTHS)  # dateutil's own short names
YEARS = re.compile(r"(\d+)y")
DEFAULTS = (datetime(1904, 1, 1), datetime(1927, 2, 9))  # noqa: DTZ001 - a part that is missing differs


def check(text: str, asked: Asked) -> Clean | Wrong:
    tokens = _tokens(text, (asked.words.code, *asked.languages))
    if not tokens:
        return Wrong("not_a_date")
    if not _complete(tokens):
        return Wrong("incomplete")
    readings = _readings(tokens, asked)
    if not readings:
        return Wrong("impossible")
    if wrong := _out_of_range(readings[0], asked):
        return wrong
    sure = len(set(readings)) == 1 and _has_century(tokens)
    return Clean(readings[0].isoformat(), "ok" if sure else "ambiguous")


def show(value: str, language: str) -> str:
    """ "1985-03-27" -> "27 de marzo de 1985"."""
    return format_date(date.fromisoformat(value), "long", locale=language.replace("-", "_"))


def read_years(text: str) -> int:
    """ "120y" -> 120. Raises ValueError."""
    if not (match := YEARS.fullmatch(text)):
        raise ValueError("write a number of years, such as 120y")
    return int(match[1])


def _tokens(text: str, languages: tuple[str, ...]) -> list[str]:
    """The numbers and the month (as dateutil calls it); nothing at all if the text holds anything else."""
    plain = ORDINAL.sub("", LABEL.sub(" ", ascii_digits(fold(text))))
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


def _complete(tokens: list[str]) -> bool:
    """Day, month and year, the year in two or four digits."""
    if len(tokens) != 3 or sum(not token.isdecimal() for token in tokens) > 1:
        return False
    year_first = len(tokens[0]) == 2 and tokens[0].isdecimal() and tokens[0] > "31"
    return _has_century(tokens) or (len(tokens[-1]) == 2 and tokens[-1].isdecimal()) or year_first


def _has_century(tokens: Iterable[str]) -> bool:
    return any(len(token) == 4 and token.isdecimal() for token in tokens)


def _readings(tokens: list[str], asked: Asked) -> list[date]:
    """Every way to read the three parts, the language's own way first."""
    day_first = asked.words.date_order == "dmy"
    year_first = len(tokens[0]) == 4 and tokens[0].isdecimal()
    orders = (False,) if year_first else (day_first, not day_first)
    found = [_read(tokens, order, asked.today) for order in orders]
    return [reading for reading in found if reading]


def _read(tokens: list[str], day_first: bool, today: date) -> date | None:
    separator = "/" if all(token.isdecimal() for token in tokens) else " "
    try:
        found = {
            parser.parse(separator.join(tokens), _Past(today), default=default, dayfirst=day_first).date()
            for default in DEFAULTS
        }
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

    def __init__(self, today: date) -> None:
        super().__init__()
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
