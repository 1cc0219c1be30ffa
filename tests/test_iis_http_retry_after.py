"""When a server wants to be asked again, as the header says it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.iis.http.retry_after import LONGEST, seconds_asked_for

NOON = datetime(2026, 11, 8, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("30", 30),
        ("3600", LONGEST),
        ("9" * 400, LONGEST),
        ("Sun, 08 Nov 2026 12:01:30 GMT", 90),
        ("Sun, 08 Nov 2026 12:01:30 -0000", 90),
        ("Sun, 08 Nov 2026 11:00:00 GMT", 0),
        ("Mon, 09 Nov 2026 12:00:00 GMT", LONGEST),
        (None, None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("\u0663\u0660", None),
        ("soon", None),
        ("Sun, 99 Nov 2026 12:01:30 GMT", None),
    ],
    ids=ascii,
)
def test_the_seconds_that_it_asks_for(header, seconds):
    assert seconds_asked_for(header, NOON) == seconds


@given(st.text() | st.from_regex(r"\A[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,9} \d\d:\d\d:\d\d [+-]?\d{0,6}\Z"))
def test_any_header_at_all_asks_for_nothing_or_for_a_bounded_time(header):
    seconds = seconds_asked_for(header, NOON)

    assert seconds is None or 0 <= seconds <= LONGEST
