"""The fallback URL: what Twilio turns to when the webhook failed gives the same answer, or a kind sentence."""

import secrets
from pathlib import Path
from xml.etree import ElementTree

import pytest
import redis
from conftest import ACCOUNT_SID, ANA, AUTH_TOKEN, OUR_NUMBER, PUBLIC_URL, Phone, reply_in, signed
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from bot.web.signature import Signature
from bot.web.sms import SORRY
from bot.wiring import System, build_app

FALLBACK = "/twilio/fallback"
ELSEWHERE = f"https://second.example.org{FALLBACK}"


def form(body: str, sid: str = "") -> dict[str, str]:
    """As Twilio posts it to the fallback: with what went wrong."""
    failed = {"ErrorCode": "11200", "ErrorUrl": f"{PUBLIC_URL}/twilio/sms"}
    who = {"AccountSid": ACCOUNT_SID, "From": ANA, "To": OUR_NUMBER}
    return {"MessageSid": sid or f"SM{secrets.token_hex(16)}", "Body": body, **who, **failed}


def fall_back(client: FlaskClient, posted: dict[str, str]) -> str | None:
    return reply_in(client.post(FALLBACK, data=posted, headers=signed(FALLBACK, posted)))


def test_it_answers_a_text_that_the_webhook_never_saw(client: FlaskClient, phone: Phone) -> None:
    with capture_logs() as logged:
        answer = fall_back(client, form("Hi"))

    assert str(answer).startswith("State registry:")
    assert str(phone.text("1")).startswith("What is the first name")
    assert [line["code"] for line in logged if line["event"] == "fallback_used"] == ["11200"]


def test_a_text_whose_answer_was_lost_gets_the_same_again_and_no_second_turn(client: FlaskClient, phone: Phone) -> None:
    phone.text("Hi")
    sid = f"SM{secrets.token_hex(16)}"
    lost = reply_in(phone.post("1", sid=sid))

    assert fall_back(client, form("1", sid)) == lost

    assert str(phone.text("Ana")).startswith("And the last name?")


def test_if_nothing_works_it_says_so_kindly_in_all_languages(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.connect.redis.Redis.get", _away)

    answer = str(fall_back(client, form("Hi")))

    assert len(answer.splitlines()) == 8
    assert "Please send that again" in answer


def test_it_believes_only_what_twilio_signed_for_it(client: FlaskClient) -> None:
    posted = form("Hi")

    assert client.post(FALLBACK, data=posted).status_code == 403
    assert client.post(FALLBACK, data=posted, headers=signed("/twilio/sms", posted)).status_code == 403


def test_on_a_second_host_the_signature_is_for_that_host(system: System) -> None:
    second = system.settings.model_copy(update={"twilio_fallback_url": ELSEWHERE})
    client = build_app(System(second, system.services, system.client, system.broker, None)).test_client()
    posted = form("Hi")
    headers = {"X-Twilio-Signature": Signature("https://second.example.org", [AUTH_TOKEN]).sign(FALLBACK, posted)}

    assert client.post(FALLBACK, data=posted, headers=headers).status_code == 200
    assert client.post("/twilio/sms", data=posted, headers=headers).status_code == 403


def _away(*_: object, **__: object) -> None:
    raise redis.ConnectionError("away")


def test_the_twiml_bin_in_the_guide_says_what_we_would_say() -> None:
    guide = (Path(__file__).parent.parent / "docs" / "operators.md").read_text()
    twiml_bin = guide.partition("```xml\n")[2].partition("```")[0]

    message = ElementTree.fromstring(twiml_bin.encode()).find("Message")

    assert message is not None
    assert message.text == SORRY
