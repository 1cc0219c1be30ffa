"""Twilio's own list of the texts to our number: it has also those whose webhook never reached us."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from twilio.base.exceptions import TwilioException

from bot.delivery.twilio_client import build_client
from bot.ports import InboxUnavailable, Listed
from bot.records import E164

PAGE = 1000  # texts, the most that Twilio gives at once


class TwilioInbox:
    """The texts to one number of ours."""

    def __init__(
        self, account_sid: str, auth_token: str, number: str, api_url: str = "", *, ours: Collection[str] = ()
    ) -> None:
        """`ours`: all our numbers, whose texts are none of residents."""
        self.client = build_client(account_sid, auth_token, api_url)
        self.number = number
        self.ours = {number, *ours}

    def pages(self) -> Iterator[list[Listed]]:
        """Filtered by our number only: texts to it are all inbound. Twilio lists the newest first."""
        with _asking():
            page = self.client.messages.page(to=self.number, page_size=PAGE)
        while page:
            with _asking():
                texts = [self._listed(text) for text in page if self._is_text(text)]
            yield texts
            with _asking():
                page = page.next_page()

    def _is_text(self, text: Any) -> bool:
        """As the webhook sees it: from a phone, and not from ourselves. Two robots would never end."""
        inbound = text.direction == "inbound" and text.sid and text.date_created
        return bool(inbound and E164.fullmatch(text.from_ or "") and text.from_ not in self.ours)

    def _listed(self, text: Any) -> Listed:
        at = text.date_created.timestamp()
        return Listed(str(text.sid), str(text.from_), str(text.body or ""), at, to=self.number)


@contextmanager
def _asking() -> Iterator[None]:
    """Twilio's own words may name a number, and are dropped."""
    try:
        yield
    except TwilioException as error:  # of a page; its second argument is the answer
        status = getattr(error.args[1], "status_code", "") if len(error.args) > 1 else ""
        raise InboxUnavailable(f"HTTP {status}" if status else type(error).__name__) from None
    except (requests.RequestException, ValueError) as error:
        raise InboxUnavailable(type(error).__name__) from None
