"""Whether what a registry wrote down, a phone or a name, is over today."""

import re
from datetime import UTC, datetime

BEGINS = re.compile(r"(\d{4})(?:-?(\d\d))?(?:-?(\d\d))?", re.ASCII)


def is_over(end: str | None) -> bool:
    """Of FHIR's "2019", "2019-05-31T12:00:00Z" or HL7's "20190531": whether its last day is before today."""
    found = BEGINS.match(end or "")
    if not found:
        return False
    last = "".join(filter(None, found.groups()))
    return last < datetime.now(UTC).strftime("%Y%m%d")[: len(last)]
