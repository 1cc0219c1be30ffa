"""Spellings of one name, and short names that can only stand for it, from `nicknames.csv`. Pure but for reading it."""

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path

from bot.iis.names.folding import words

TABLE = Path(__file__).with_name("nicknames.csv")


def are_spellings(a: str, b: str) -> bool:
    """Mohammed is Muhammad, Sergey is Sergei, Nicholas is Nicolas."""
    names = _names()
    return a in names and names[a] == names.get(b)


def is_short_for(a: str, b: str) -> bool:
    """Bob is Robert, either way round; Chris is nobody, as he may be Christopher or Christina."""
    names, short = _names(), _short()
    return (a in short and short[a] == names.get(b)) or (b in short and short[b] == names.get(a))


def stands_for(short: str) -> str | None:
    """ "Bob" -> "Robert", in the first of its spellings."""
    line = next((_short().get(word) for word in words(short)), None)
    return _rows()[line]["names"].split()[0] if line is not None else None


@cache
def _names() -> dict[str, int]:
    """Folded name -> its line."""
    return {name: number for number, row in enumerate(_rows()) for name in words(row["names"])}


@cache
def _short() -> dict[str, int]:
    """Folded short name -> the line of the one name that it stands for."""
    lines = defaultdict(set)
    for number, row in enumerate(_rows()):
        for name in words(row["short"] or ""):
            lines[name].add(number)
    return {name: numbers.pop() for name, numbers in lines.items() if len(numbers) == 1 and name not in _names()}


@cache
def _rows() -> list[dict[str, str]]:
    with TABLE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
