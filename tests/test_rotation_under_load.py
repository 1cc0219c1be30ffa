"""Keys are made, rotated and retired while cards are issued and read: no reader that keeps our keys refuses a card."""

import base64
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from fakes.smtp import free_port
from fakes.until import until
from flask.testing import FlaskClient

from bot.cards.crl import Crls
from bot.cards.issuer import SmartHealthCards
from bot.cards.jws import InvalidCard, verify
from bot.cards.keys.changes import CannotChange, retired, rotated
from bot.cards.keys.folder import change, new_key
from bot.cards.keys.ring import KeyRing
from bot.cli import cli
from bot.records import Immunization, VaccineRecord
from bot.transcripts.app import Clock
from bot.vaccines import COVID
from bot.wiring import System, build_app

REPO = Path(__file__).parent.parent
ANA = VaccineRecord("p1", "Reyes", ("Ana",), date(1985, 3, 27), None, (Immunization("208", date(2021, 4, 8)),))
JWKS = "/.well-known/jwks.json"
WORKER = """
import sys
from datetime import date
from bot.config import read_settings
from bot.demo_defaults import complete
from bot.log import set_up_logging
from bot.records import Immunization, VaccineRecord
from bot.wiring import build_cards
set_up_logging("signer")
ana = VaccineRecord("p1", "Reyes", ("Ana",), date(1985, 3, 27), None, (Immunization("208", date(2021, 4, 8)),))
cards = build_cards(complete(read_settings()))
while sys.stdin.readline():
    print(cards.issue(ana, "COVID-19").jws, flush=True)
"""


@dataclass
class Reader:
    """Somebody at a door who keeps the issuer's keys for as long as Cache-Control says, and not a second less."""

    client: FlaskClient
    clock: Clock
    keys: dict[str, Any] = field(default_factory=dict)
    kept_until: float = 0.0

    def read(self, jws: str) -> None:
        now = self.clock()
        if now >= self.kept_until:
            answer = self.client.get(JWKS)
            max_age = re.fullmatch(r"public, max-age=(\d+)", answer.headers["Cache-Control"])
            assert max_age
            self.keys, self.kept_until = answer.json, now + int(max_age[1])
        verify(jws, self.keys)


@dataclass
class Service:
    """The real app and its workers on one folder of keys, with a clock that is moved."""

    system: System
    clock: Clock

    @property
    def folder(self) -> Path:
        return self.system.settings.card_keys_folder

    def worker(self) -> SmartHealthCards:
        """One process' own view of the keys."""
        return SmartHealthCards("https://x.example.gov", KeyRing(self.folder), self.crls, now=self.clock)

    def reader(self) -> Reader:
        services = replace(self.system.services, cards=self.worker())
        return Reader(build_app(replace(self.system, services=services)).test_client(), self.clock)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def rotate(self, *, at_once: bool = False) -> None:
        change(self.folder, lambda keys: rotated(keys, self.now(), at_once=at_once))

    @property
    def crls(self) -> Crls:
        return Crls(self.system.settings.crl_folder)


@pytest.fixture
def service(system: System) -> Service:
    return Service(system, Clock(time.time()))


def test_no_reader_refuses_a_card_while_keys_are_made_rotated_and_retired(service: Service) -> None:
    cards: list[str] = [service.worker().issue(ANA, COVID).jws]
    read: list[str] = []
    refused: list[str] = []
    done = threading.Event()

    def issue(worker: SmartHealthCards) -> None:
        while not done.is_set():
            cards.append(worker.issue(ANA, COVID).jws)

    def at_the_door(reader: Reader) -> None:
        while not done.is_set():
            card = cards[-1]  # chosen before the reader looks at the clock: it was signed before that
            try:
                reader.read(card)
            except InvalidCard as error:
                refused.append(str(error))
            read.append(card)

    threads = [threading.Thread(target=issue, args=(service.worker(),)) for _ in range(2)]
    threads += [threading.Thread(target=at_the_door, args=(service.reader(),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    too_early = 0
    try:
        for _ in range(4):
            too_early += _a_year(service, cards, read)
    finally:
        done.set()
        for thread in threads:
            thread.join()

    assert refused == []
    assert too_early >= 4  # the operator was impatient, and was told to wait
    assert len({_kid(card) for card in cards}) == 5
    assert {_kid(card) for card in read} == {_kid(card) for card in cards}
    newest = service.reader()
    for card in cards[:: max(1, len(cards) // 200)]:
        newest.read(card)


def _a_year(service: Service, cards: list[str], read: list[str]) -> int:
    """Make a key, rotate as soon as that is allowed, retire the one before; how often it was too early."""
    before = KeyRing(service.folder).signing(service.clock())
    new_key(service.folder, service.now())
    too_early = 0
    while True:
        _let_them_work(cards, read)
        service.clock.wait(1201)
        try:
            service.rotate()
            break
        except CannotChange:
            too_early += 1
    _let_them_work(cards, read)
    change(service.folder, lambda keys: retired(keys, before.kid, service.now()))
    _let_them_work(cards, read)
    return too_early


def _let_them_work(cards: list[str], read: list[str]) -> None:
    issued, checked = len(cards) + 10, len(read) + 20
    until(lambda: len(cards) >= issued and len(read) >= checked, 60)


def test_a_key_that_signs_before_readers_know_it_is_refused_at_the_door(service: Service) -> None:
    """Why a rotation waits: the same as above with --now."""
    worker, reader = service.worker(), service.reader()
    reader.read(worker.issue(ANA, COVID).jws)
    new_key(service.folder, service.now())

    service.rotate(at_once=True)
    service.clock.wait(120)
    card = worker.issue(ANA, COVID).jws

    with pytest.raises(InvalidCard, match="no such kid among the keys"):
        reader.read(card)
    service.clock.wait(3600)
    reader.read(card)


@pytest.fixture
def environment(tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The settings of all processes, this one's commands too."""
    port = free_port()
    given = {
        "ENVIRONMENT": "demo",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "REDIS_URL": redis_url,
        "DATA_DIR": str(tmp_path / "var"),
        "FLOW": str(REPO / "flows" / "vaccine_record"),
        "PYTHONPATH": str(REPO),
    }
    for name in ("CARD_ISSUER", "CARD_KEYS", "IIS_URL", "SMTP_URL", "TWILIO_FROM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return {**os.environ, **given}


@contextmanager
def running(*command: str, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, *command], cwd=REPO, env=env, stdin=pipe, stdout=pipe, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.mark.e2e
def test_processes_take_up_keys_and_rotations_by_themselves(environment: dict[str, str], tmp_path: Path) -> None:
    address = environment["PUBLIC_URL"]
    folder = tmp_path / "var" / "card_keys"
    kids = [_made(folder, hours_ago=20)]
    web = ("-m", "gunicorn", "--workers", "2", "--log-level", "warning", "app:app")
    with (
        running(*web, env=environment),
        running("-c", WORKER, env=environment) as one,
        running("-c", WORKER, env=environment) as two,
    ):
        until(lambda: _answers(address), 60)
        signed = [_read_card(worker, address) for worker in (one, two)]
        for hours_ago in (10, 5, 2):
            kids.append(_made(folder, hours_ago))
            signed += [_read_card(worker, address) for worker in (one, two)]
            assert CliRunner().invoke(cli, ["keys", "rotate"], catch_exceptions=False).exit_code == 0
            signed += [_read_card(worker, address) for worker in (one, two)]

    assert [kids.index(kid) for kid in signed] == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3]


def _answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def _read_card(worker: subprocess.Popen[str], address: str) -> str:
    """Let a worker sign, and check the card with whatever web process answers; the kid."""
    assert worker.stdin
    assert worker.stdout
    worker.stdin.write("\n")
    worker.stdin.flush()
    card = worker.stdout.readline().strip()
    for _ in range(6):
        verify(card, requests.get(f"{address}{JWKS}", timeout=10).json())
    return _kid(card)


def _made(folder: Path, hours_ago: int) -> str:
    """A new key, as if it had been here for so long; its kid."""
    kid = new_key(folder, datetime.now(UTC) - timedelta(hours=hours_ago)).kid
    os.utime(folder / f"{kid}.jwk", (0, 0))
    return kid


def _kid(card: str) -> str:
    header = card.partition(".")[0]
    kid: str = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
    return kid
