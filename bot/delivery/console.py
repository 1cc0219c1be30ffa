"""Delivery for the demo: every message is a line of a file that the phone page shows and others can read."""

import fcntl
import json
import os
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from bot.outbox.delivery import Message, Report, Route
from bot.ports import Carrier


class ConsoleDelivery:
    """Nobody is texted: the line in the outbox is the delivery."""

    def route(self, message: Message, *, booked: str = "", tried: str = "") -> Route:
        return Route()

    def send(self, message: Message) -> Report:
        return Report("delivered", f"console-{message.delivery_id}")

    def find(self, message: Message, *, since: float, known: Collection[str]) -> None:
        return None

    def status(self, message: Message, provider_id: str) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Outbox:
    """Passes messages on and writes each as a JSON line: `to`, `body`, `media_url`, `at` (seconds since 1970)."""

    carrier: Carrier
    path: Path

    def route(self, message: Message, *, booked: str = "", tried: str = "") -> Route:
        return self.carrier.route(message, booked=booked, tried=tried)

    def send(self, message: Message) -> Report:
        report = self.carrier.send(message)
        self.write(message)
        return report

    def find(self, message: Message, *, since: float, known: Collection[str]) -> Report | None:
        report = self.carrier.find(message, since=since, known=known)
        if report and report.state != "failed":
            self.write(message)
        return report

    def status(self, message: Message, provider_id: str) -> Report | None:
        return self.carrier.status(message, provider_id)

    def write(self, message: Message) -> None:
        line = {"to": message.to, "body": message.body, "media_url": message.media_url, "at": time.time()}
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with open(descriptor, "a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def read_outbox(path: Path) -> list[dict[str, object]]:
    """Every line so far; a line that is still being written is left for the next time."""
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
