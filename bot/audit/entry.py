"""One moment of a request, as the audit trail has it: pseudonyms and words of ours, nothing personal. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

import orjson


@dataclass(frozen=True, slots=True)
class Entry:
    """`request`, `sender`, `contact` and `reference` are pseudonyms, or "" where there is nothing to say."""

    id: str  # always the same for one moment, so that it is written once
    at: str  # ISO 8601 in UTC, with milliseconds
    event: str
    key_id: str  # whose pseudonyms they are
    request: str = ""
    sender: str = ""
    contact: str = ""
    reference: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        return orjson.dumps(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote; what another version knows besides is left out."""
        return cls(**{name: value for name, value in orjson.loads(data).items() if name in cls.__slots__})


def moment(seconds: float) -> str:
    """Seconds since 1970 as the trail writes them; as text they are in the order of time."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
