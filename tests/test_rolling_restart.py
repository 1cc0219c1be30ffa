"""New processes take over from old ones under load: every text is answered, every resident gets her one message."""

import random
import secrets
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import pytest
import redis
from fakes.smtp import free_port
from fakes.until import until
from running import ACCOUNT_SID, AUTH_TOKEN, PEOPLE, PIN, Running, answers, apart

from bot.cli.twilio_side import PostRefused, TwilioSide

pytestmark = pytest.mark.e2e

FOUND = ("ana", "omar", "grace", "margaret", "sofia", "noah", "lars", "elena", "henry", "amina")
NOBODY = ("Nobody", "Known", "March 4 1985")
ROUNDS = 1
AT_ONCE = 3
DRAIN = 10.0  # seconds after which whoever stops us kills


@dataclass
class Doors:
    """Twilio's side of two web processes behind one address: what one does not take, the other gets."""

    running: Running
    ports: list[int]
    open: list[int] = field(default_factory=list)

    def text(self, sender: str, body: str) -> str | None:
        """Raises PostRefused if neither answers."""
        sid = f"SM{secrets.token_hex(16)}"
        open_now = list(self.open)
        first = random.choice(open_now)
        try:
            return self._post(first, sender, body, sid)
        except PostRefused:  # once more, as Twilio does
            return self._post(next(port for port in [*self.open, first] if port != first), sender, body, sid)

    def _post(self, port: int, sender: str, body: str, sid: str) -> str | None:
        side = TwilioSide(f"http://127.0.0.1:{port}", self.running.url, ACCOUNT_SID, AUTH_TOKEN)
        return side.text(sender, body, sid)


@dataclass
class Load:
    """Residents who text, each from a phone of her own, until it is over: first those who have a record."""

    doors: Doors
    over: threading.Event = field(default_factory=threading.Event)
    replies: dict[str, list[str | None]] = field(default_factory=dict)  # by phone

    def __post_init__(self) -> None:
        known = [(PEOPLE[key].phone, answers(PEOPLE[key])) for key in FOUND]
        others = ((f"+1360556{number:04d}", NOBODY) for number in range(10_000))
        self.people = chain(known, others)
        self.one_by_one = threading.Lock()

    def go_on(self) -> None:
        while not self.over.is_set():
            with self.one_by_one:
                sender, words = next(self.people)
            texts = ("Hi", "1", *words, "1", "AGREE", PIN, "link")
            self.replies[sender] = [self.doors.text(sender, text) for text in texts]


@pytest.fixture
def running(tmp_path: Path, redis_url: str) -> Iterator[Running]:
    with apart(tmp_path, redis_url) as running:
        yield running


def test_a_rolling_restart_under_load_loses_nothing(running: Running, redis_url: str) -> None:
    doors = Doors(running, [running.port, free_port()])
    webs = {port: running.start_web(port) for port in doors.ports}
    doors.open = list(doors.ports)
    workers = [running.start_worker()]
    load = Load(doors)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        threads = [pool.submit(load.go_on) for _ in range(AT_ONCE)]
        for _ in range(ROUNDS):
            for port in doors.ports:
                doors.open = [other for other in doors.ports if other != port]
                end(webs[port])
                webs[port] = running.start_web(port)
                doors.open = list(doors.ports)
            workers.append(running.start_worker())
            end(workers[-2])
        load.over.set()
        for thread in threads:
            thread.result()

    assert len(load.replies) > 50
    assert all(len(heard) == 9 and all(heard) for heard in load.replies.values())
    until(lambda: set(load.replies) <= {message.to for message in running.twilio.sent}, 60)
    with redis.Redis.from_url(redis_url) as client:
        until(lambda: not client.keys("{dramatiq}:*.msgs"), 30)
    assert set(Counter(message.to for message in running.twilio.sent).values()) == {1}
    links = {message.to for message in running.twilio.sent if "/r/" in message.body}
    assert links == {PEOPLE[key].phone for key in FOUND}
    assert {line["event"] for line in running.events()} & {"fault", "work_failed", "delivery_fault"} == set()


def end(process: subprocess.Popen[bytes]) -> None:
    """As platforms do it: SIGTERM, and within ten seconds it is gone by itself."""
    began = time.monotonic()
    process.terminate()

    assert process.wait(DRAIN + 5) == 0
    assert time.monotonic() - began < DRAIN
