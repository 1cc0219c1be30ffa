"""Two providers and two workers in real processes: while one takes nothing, everybody hears from the other, once."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.twilio import TOO_MANY, FakeTwilio
from fakes.until import until
from running import OURS, PIN, Running, apart

pytestmark = pytest.mark.e2e

SID_B, NUMBER_B = "AC" + "b" * 32, "+15555550177"
PHONES = [f"+1360555{number:04d}" for number in range(200, 212)]  # on nobody's record


@pytest.fixture
def b() -> Iterator[FakeTwilio]:
    with FakeTwilio(SID_B, "token_of_b") as b:
        yield b


@pytest.fixture
def running(tmp_path: Path, redis_url: str, b: FakeTwilio) -> Iterator[Running]:
    senders = tmp_path / "senders.toml"
    senders.write_text(
        f'[[account]]\naccount_sid = "{SID_B}"\nauth_token = "token_of_b"\napi_url = "{b.url}"\n'
        f'senders = ["{NUMBER_B}"]\nrates = {{ "{NUMBER_B}" = 20 }}\n'
    )
    with apart(tmp_path, redis_url, {"TWILIO_SENDERS": str(senders)}) as running:
        running.start_web()
        running.start_worker()
        running.start_worker()
        yield running


def test_while_her_provider_takes_nothing_everybody_hears_from_the_other_once(running: Running, b: FakeTwilio) -> None:
    running.twilio.fail(*[TOO_MANY] * 1000)

    for day, phone in enumerate(PHONES, 13):
        running.text(phone, "Hi", "1", "No", "Body", f"3/{day}/1985", "1", "AGREE", PIN, "1")
    until(lambda: len(b.sent) >= len(PHONES), 60)

    assert Counter(message.to for message in b.sent) == Counter(PHONES)
    assert all(message.body.startswith("State vaccine registry: We found no") for message in b.sent)
    assert running.twilio.sent == []
    assert running.count("provider_shifted") >= 1
    assert running.count("delivery_fault") == 0


def test_while_all_is_well_everybody_hears_from_the_number_that_she_texted(running: Running, b: FakeTwilio) -> None:
    for phone in PHONES[:4]:
        running.text(phone, "Hi", "1", "No", "Body", "3/27/1985", "1", "AGREE", PIN, "1")
    until(lambda: len(running.twilio.sent) >= 4, 30)

    assert {message.sender for message in running.twilio.sent} == {OURS}
    assert b.asked == []
