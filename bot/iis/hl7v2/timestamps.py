"""HL7's dates and times. Pure."""

import re
from datetime import date, datetime

TIMESTAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(?:\d\d(?:\d\d(?:\d\d(?:\.\d+)?)?)?)?(?:[+-]\d{4})?")


def day(text: str) -> date | None:
    """The day as it was where it was written down: no time zone moves it. None for less than a day."""
    found = TIMESTAMP.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def timestamp(at: datetime) -> str:
    """ "20240618083101-0400"; `at` knows its time zone."""
    return at.strftime("%Y%m%d%H%M%S%z")
