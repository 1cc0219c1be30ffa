"""Twilio as it is on a bad day: reports in any order and now and then none, and kills whoever it answers."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests
from fakes.twilio import BROKEN, DELIVERED, Failure, FakeTwilio, Report
from fakes.twilio_messages import Sent
from running import ACCOUNT_SID, AUTH_TOKEN


@dataclass
class MovedClock:
    """The clock that all processes of ours read, and Twilio's too."""

    file: Path
    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead

    def move(self, seconds: float) -> None:
        self.ahead += seconds
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str(self.ahead))
        fresh.replace(self.file)


class BadTwilio(FakeTwilio):
    """`doors` are the addresses behind PUBLIC_URL: a callback goes to any of them, once."""

    def __init__(self, clock: MovedClock) -> None:
        super().__init__(ACCOUNT_SID, AUTH_TOKEN, now=clock)
        self.reports = DELIVERED
        self.chance = random.Random(6)
        self.doors: list[str] = []
        self.loses = 0.0  # the share of callbacks that never arrive
        self.down = False  # nothing is taken and nothing is told
        self.forgetful = False  # the list shows nothing yet
        self.taken: Callable[[], None] = lambda: None  # called once a message is taken and before we answer

    def report(self, message: Sent, *reports: Report) -> None:
        """The list follows the true order, the callbacks do not."""
        forms = [self.callback(message, *((each,) if isinstance(each, str) else each)) for each in reports]
        for form, headers in self.chance.sample(forms, len(forms)):
            if not self.lost and self.chance.random() >= self.loses:
                self._post(message.status_callback, form, headers)

    def failure_for(self, path: str, authorization: str | None, form: dict[str, str]) -> Failure | None:
        if self.down:
            self.asked.append(form)
            return BROKEN
        return super().failure_for(path, authorization, form)

    def blindness(self) -> Failure | None:
        return BROKEN if self.down else super().blindness()

    def accept(self, form: dict[str, str]) -> Sent:
        message = super().accept(form)
        self.taken()
        return message

    def tell(self, target: str, authorization: str | None) -> tuple[int, object]:
        status, answer = super().tell(target, authorization)
        if self.forgetful and isinstance(answer, dict) and "messages" in answer:
            answer = {**answer, "messages": [], "next_page_uri": None}
        return status, answer

    def _post(self, url: str, form: dict[str, str], headers: dict[str, str]) -> None:
        door = self.chance.choice(self.doors)
        try:
            requests.post(door + url[url.index("/twilio/") :], data=form, headers=headers, timeout=10)
        except requests.RequestException:
            return
