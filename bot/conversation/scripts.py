"""Which way a language is written, and how it counts."""

from functools import lru_cache

from babel import Locale


@lru_cache
def direction(language: str) -> str:
    """ "rtl" or "ltr", as HTML's `dir` wants it."""
    return Locale.parse(language, sep="-").text_direction


def plural(language: str, number: int) -> str:
    """The plural form of a number by CLDR: "one", "two", "few", "many" or "other"."""
    return Locale.parse(language, sep="-").plural_form(number)
