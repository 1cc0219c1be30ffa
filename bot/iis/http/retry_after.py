"""When a server wants to be asked again: the header Retry-After. Pure. RFC 9110, 10.2.3."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 600.0  # seconds; pages of maintenance say an hour out of habit, and that is all the time a request has


def seconds_asked_for(header: str | None, now: datetime) -> float | None:
    """Seconds from `now`, at most LONGEST; None where nothing is said, or nothing that can be read."""
    if header is None:
        return None
    if header.isascii() and header.isdecimal():
        return min(float(header), LONGEST)
    try:
        at = parsedate_to_datetime(header)
        seconds = (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST)
