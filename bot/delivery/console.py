"""Delivery for the demo: every message is a line of a file that the phone page shows and others can read."""

import fcntl
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from bot.ports import Delivery, Message


class ConsoleDelivery:
    """Nobody is texted: the line in the outbox is the delivery."""

    def send(self, message: Message) -> str:
        return f"console-{message.delivery_id}"


@dataclass(frozen=True, slots=True)
class Outbox:
    """Passes messages on and writes each as a JSON line: `to`, `body`, `media_url`, `at` (seconds since 1970)."""

    delivery: Delivery
    path: Path

    def send(self, message: Message) -> str:
        provider_id = self.delivery.send(message)
        self.write(message)
        return provider_id

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
