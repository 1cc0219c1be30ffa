"""What the fake Twilio keeps: messages that it accepted, as its list shows them and page by page."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import parse_qsl, urlencode

PATH = "/2010-04-01/Accounts/{account_sid}/Messages"
FINAL = ("delivered", "undelivered", "failed")
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Fetched:
    """One request for a picture, as Twilio makes it: without credentials."""

    method: str
    status: int
    content_type: str
    content: bytes


@dataclass(slots=True)
class Sent:
    """A message that was accepted, and what became of it."""

    sid: str
    to: str
    sender: str
    body: str
    media_url: str
    status_callback: str
    created: float  # seconds since 1970
    status: str = "queued"
    code: int | None = None
    sent_at: float | None = None  # none while it is queued
    direction: str = "outbound-api"
    fetched: list[Fetched] = field(default_factory=list)
    media: list[str] = field(default_factory=list)  # their sids

    def __post_init__(self) -> None:
        self.media = [f"ME{self.sid[2:]}"] if self.media_url else []

    def media_shown(self, path: str) -> dict[str, object]:
        """What it has of media, as Twilio's API lists it."""
        found = [{"sid": sid, "parent_sid": self.sid, "account_sid": "AC"} for sid in self.media]
        return {"media_list": found, "page": 0, "page_size": 50, "next_page_uri": None, "uri": path}

    def become(self, status: str, code: int | None, now: float) -> None:
        """Its status at Twilio; the end is the end."""
        if self.status in FINAL:
            return
        self.status, self.code = status, code
        if status != "queued" and self.sent_at is None:
            self.sent_at = now

    def shown(self) -> dict[str, object]:
        """As Twilio's API shows it."""
        return {
            "sid": self.sid,
            "account_sid": "AC",
            "status": self.status,
            "to": self.to,
            "from": self.sender,
            "body": self.body,
            "num_segments": "1",
            "num_media": "1" if self.media_url else "0",
            "direction": self.direction,
            "date_created": _date(self.created),
            "date_sent": None if self.sent_at is None else _date(self.sent_at),
            "error_code": self.code,
            "error_message": None,
        }


def listed(path: str, query: str, messages: list[Sent]) -> dict[str, object]:
    """One page of the list, the newest first: `To`, `From`, `DateSent`, `DateSent<`, `DateSent>`, `PageSize`."""
    asked = dict(parse_qsl(query))
    newest_first = sorted(messages, key=lambda message: message.created)[::-1]
    found = [message for message in newest_first if _fits(message, asked)]
    page, size = int(asked.get("Page", 0)), int(asked.get("PageSize", PAGE_SIZE))
    more = len(found) > (page + 1) * size
    following = f"{path}?{urlencode({**asked, 'Page': page + 1})}" if more else None
    return {
        "messages": [message.shown() for message in found[page * size : (page + 1) * size]],
        "page": page,
        "page_size": size,
        "next_page_uri": following,
        "uri": f"{path}?{query}",
    }


def _fits(message: Sent, asked: dict[str, str]) -> bool:
    day = None if message.sent_at is None else datetime.fromtimestamp(message.sent_at, UTC).date().isoformat()
    days = {
        "DateSent": lambda wanted: day == wanted[:10],
        "DateSent<": lambda wanted: day is not None and day <= wanted[:10],
        "DateSent>": lambda wanted: day is not None and day >= wanted[:10],
    }
    if asked.get("To", message.to) != message.to or asked.get("From", message.sender) != message.sender:
        return False
    return all(fits(asked[name]) for name, fits in days.items() if name in asked)


def _date(seconds: float) -> str:
    """RFC 2822, in whole seconds."""
    return format_datetime(datetime.fromtimestamp(int(seconds), UTC))
