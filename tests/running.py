"""All of vaxtext in real processes, for tests that text it over HTTP; only Twilio and the mail server are ours."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import redis
import requests
from fakes.smtp import FakeSmtp, free_port
from fakes.twilio import FakeTwilio
from fakes.twilio_messages import Sent
from fakes.until import until

from bot.cli.twilio_side import TwilioSide
from bot.iis.demo_people import DemoPerson, demo_people
from bot.store.embedded import EmbeddedRedis

REPO = Path(__file__).parent.parent
ACCOUNT_SID = "AC" + "e" * 32
AUTH_TOKEN = "the_token_of_the_whole"
OURS = "+15555550199"
SENDER = "records@example.gov"
PEOPLE = {person.key: person for person in demo_people()}
PIN = "4821"


@dataclass
class Running:
    """Processes of ours, the addresses around them, and what they print."""

    folder: Path
    twilio: FakeTwilio
    smtp: FakeSmtp
    redis_url: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)  # over those of `_environment`

    def __post_init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.side = TwilioSide(self.url, self.url, ACCOUNT_SID, AUTH_TOKEN)
        self.started: list[subprocess.Popen[bytes]] = []
        self.log = self.folder / "log.txt"
        self.log.touch()

    def start(self, *arguments: str, fault: str = "") -> subprocess.Popen[bytes]:
        """Start `python -m ...` as a foreground job of its own."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=REPO,
                env={**self._environment(), "VAXTEXT_FAULT": fault},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # the demo's greeting names its people
                stderr=log,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def start_web(self, port: int = 0, fault: str = "") -> subprocess.Popen[bytes]:
        """On this port: several may share one public address, as behind a proxy."""
        port = port or self.port
        web = self.start("gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "app:app", fault=fault)
        until(lambda: self.is_ready(port), 30)
        return web

    def start_worker(self) -> subprocess.Popen[bytes]:
        ready = self.count("worker_ready")
        worker = self.start("bot.cli", "worker")
        until(lambda: self.count("worker_ready") > ready, 30)
        return worker

    def is_ready(self, port: int = 0) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{port or self.port}/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def events(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in re.findall(r"\{[^{}\n]*\}", self.log.read_text())]

    def count(self, event: str) -> int:
        return sum(line["event"] == event for line in self.events())

    def text(self, sender: str, *bodies: str) -> list[str | None]:
        return [self.side.text(sender, body) for body in bodies]

    def ask(self, person: DemoPerson, contact: str = "1", *rest: str) -> list[str | None]:
        """A whole conversation in English, up to where the work starts."""
        return self.text(person.phone, "Hi", "1", *answers(person), contact, "AGREE", PIN, *rest)

    def message_to(self, phone: str, seconds: float = 15) -> Sent:
        """The first message to this phone since the fake was last emptied."""
        return until(lambda: self.twilio.to(phone), seconds)[0]

    def stop(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.terminate()
        for process in self.started:
            process.wait(20)

    def _environment(self) -> dict[str, str]:
        """All settings, so that nobody's own `.env` is looked at."""
        ours = {
            "ENVIRONMENT": "demo",
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "REDIS_URL": self.redis_url,
            "IIS_URL": "",
            "AUDIT_URL": "",
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "TWILIO_FROM": OURS,
            "TWILIO_API_URL": self.twilio.url,
            "TWILIO_RATE": "1000",
            "TWILIO_SENDERS": "",
            "TWILIO_DELETE": "",
            "SMTP_URL": f"smtp://127.0.0.1:{self.smtp.port}?from={SENDER}",
            "SECRET_KEYS": "",
            "LINK_PEPPER": "",
            "INDEX_KEYS": "",
            "LOG_KEYS": "",
            "CARD_ISSUER": "",
            "CARD_KEYS": "",
            "FLOW": "flows/vaccine_record",
            "DATA_DIR": str(self.folder / "var"),
            "VAXTEXT_CLOCK": "",
            "PYTHONWARNINGS": "default",
            **self.settings,
        }
        return {**os.environ, **ours}


@contextmanager
def apart(folder: Path, redis_url: str, settings: Mapping[str, str] | None = None) -> Iterator[Running]:
    """What is around our processes, over an empty Redis. None of them runs yet; all are stopped in the end."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    with FakeTwilio(ACCOUNT_SID, AUTH_TOKEN) as twilio, FakeSmtp() as smtp:
        running = Running(folder, twilio, smtp, redis_url=redis_url, settings=settings or {})
        try:
            yield running
        finally:
            running.stop()


def answers(person: DemoPerson) -> tuple[str, str, str]:
    record = person.record
    return " ".join(record.given), record.family, f"{record.birth_date:%B %d %Y}"


def store_of(running: Running) -> redis.Redis:
    return redis.Redis.from_url(running.redis_url or EmbeddedRedis(running.folder / "var" / "redis").url)


def is_idle(running: Running) -> bool:
    """Whether all work is done and every message delivered, to the last step."""
    with store_of(running) as client:
        return not any(client.keys(pattern) for pattern in ("vt:w:*", "{dramatiq}:*.msgs", "vt:due"))


def is_worker(process: psutil.Process) -> bool:
    """The worker itself: its keeper has the same words behind its own."""
    command = process.cmdline()
    return command[1:] == ["-m", "bot.cli", "worker"]


def link_in(text: str, running: Running) -> str:
    found = re.search(rf"{re.escape(running.url)}/r/[a-z2-7]{{26}}(?!\w)", text)
    assert found, "there is no link"
    return found[0]
