"""Which way a language is written."""

from functools import lru_cache

from babel import Locale


@lru_cache
def direction(language: str) -> str:
    """ "rtl" or "ltr", as HTML's `dir` wants it."""
    return Locale.parse(language, sep="-").text_direction
