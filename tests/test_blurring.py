"""No answer to a text comes as soon as it could: how long it takes tells nothing."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import OUR_NUMBER, Phone, reply_in
from running import REPO

from bot.web.blurring import LONGEST, moment
from bot.wiring import System, build_app


class Waits:
    """Stands for the wait; what the session was when each began."""

    def __init__(self, system: System, number: str) -> None:
        self.sessions, self.number = system.services.sessions, number
        self.states: list[str] = []

    def __call__(self) -> None:
        session = self.sessions.load(self.sessions.key(self.number)).session
        self.states.append(session.state if session else "")


class Broken:
    """Sessions that know a key, and nothing more."""

    def key(self, phone: str) -> str:
        return phone


@pytest.fixture
def waits(phone: Phone, system: System) -> Waits:
    """The phone's texts come to an app that waits."""
    waits = Waits(system, phone.number)
    phone.client = build_app(system, waits).test_client()
    return waits


def test_each_answer_waits_once_when_its_turn_is_saved(phone: Phone, waits: Waits) -> None:
    phone.text("Hi", "1")

    assert waits.states == ["welcome", "ask_first_name"]


@pytest.mark.parametrize(
    "extra",
    [{"Body": "STOP"}, {"From": "whatsapp:+13605550100"}, {"From": OUR_NUMBER}],
    ids=["stop", "no text message", "a machine"],
)
def test_silence_and_what_is_said_outside_of_a_conversation_wait_too(
    extra: dict[str, str], phone: Phone, waits: Waits
) -> None:
    phone.post("Hi", **extra)

    assert len(waits.states) == 1


def test_the_same_text_again_waits_again(phone: Phone, waits: Waits) -> None:
    answers = [phone.post("Hi", sid="SM" + "1" * 32) for _ in range(2)]

    assert reply_in(answers[0]) == reply_in(answers[1])
    assert len(waits.states) == 2


def test_the_sentence_that_says_sorry_waits(phone: Phone, system: System) -> None:
    waited: list[bool] = []
    broken = replace(system, services=replace(system.services, sessions=Broken()))  # type: ignore[arg-type]
    phone.client = build_app(broken, lambda: waited.append(True)).test_client()

    assert "Sorry" in (phone.text("Hi") or "")
    assert waited == [True]


def test_what_is_not_believed_holds_no_thread(phone: Phone, waits: Waits) -> None:
    assert phone.client.post("/twilio/sms", data={"Body": "Hi"}).status_code == 403
    assert waits.states == []


def test_every_wait_up_to_the_longest_is_as_likely_as_another() -> None:
    moments = [moment() for _ in range(5000)]

    tenths = Counter(int(10 * one / LONGEST) for one in moments)
    assert set(tenths) <= set(range(11))
    assert all(350 <= tenths[number] <= 650 for number in range(10))  # 500 each; seven standard deviations


def test_what_is_served_waits(redis_url: str, tmp_path: Path) -> None:
    env = {**os.environ, "ENVIRONMENT": "demo", "IIS_URL": "", "DATA_DIR": str(tmp_path), "REDIS_URL": redis_url}
    asks = "from app import app; from bot.web.blurring import blur; print(app.extensions['vaxtext'].blur is blur)"

    done = subprocess.run(
        [sys.executable, "-c", asks], cwd=REPO, env=env, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.stdout.splitlines()[-1:] == ["True"], done.stderr
