"""The webhook believes only what Twilio signed, and always answers in TwiML."""

import pytest
import redis
from conftest import ACCOUNT_SID, ANA, PUBLIC_URL, Phone, reply_in, signed
from flask.testing import FlaskClient

from bot.web.signature import Signature
from bot.web.twiml import twiml

FORM = {"MessageSid": "SM" + "0" * 32, "AccountSid": ACCOUNT_SID, "From": ANA, "Body": "Hi"}
ROUTE = "/twilio/sms"


def test_the_signature_fits_the_published_vectors() -> None:
    voice = {
        "CallSid": "CA1234567890ABCDE",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
        "Caller": "+14158675309",
    }
    text = {
        "MessageSid": "SM" + "0" * 32,
        "AccountSid": "AC" + "0" * 32,
        "From": "+14155550123",
        "To": "+15551234567",
        "Body": "Hola, 你好 + & =\n",
        "NumMedia": "0",
        "NumSegments": "1",
        "ApiVersion": "2010-04-01",
    }

    sign_voice = Signature("https://mycompany.com", ["12345"]).sign("/myapp.php?foo=1&bar=2", voice)
    sign_text = Signature("https://bot.example.org", ["twilio_test_auth_token"]).sign(ROUTE, text)

    assert (sign_voice, sign_text) == ("RSOYDt4T1cUTdK1PDd93/VVr8B8=", "6pp91cvHbTP4g5fy5QBgNv9yZWk=")


def test_a_signed_text_is_answered_with_twiml(client: FlaskClient) -> None:
    answer = client.post(ROUTE, data=FORM, headers=signed(ROUTE, FORM))

    assert answer.status_code == 200
    assert answer.mimetype == "text/xml"
    assert answer.text.count("<Message>") == 1


def test_the_token_that_is_being_replaced_still_counts(client: FlaskClient) -> None:
    answer = client.post(ROUTE, data=FORM, headers=signed(ROUTE, FORM, "the_token_before"))

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "x"}, signed(ROUTE, FORM, "another_token")],
    ids=["none", "empty", "nonsense", "another token"],
)
def test_what_is_not_signed_is_forbidden(headers: dict[str, str], client: FlaskClient) -> None:
    assert client.post(ROUTE, data=FORM, headers=headers).status_code == 403


def test_the_signature_is_for_our_address_whatever_the_request_calls_us(client: FlaskClient) -> None:
    forged = Signature("https://evil.example.org", ["twilio_test_auth_token"]).sign(ROUTE, FORM)
    ours = signed(ROUTE, FORM)
    host = {"Host": "evil.example.org", "X-Forwarded-Host": "evil.example.org"}

    assert client.post(ROUTE, data=FORM, headers={"X-Twilio-Signature": forged, **host}).status_code == 403
    assert client.post(ROUTE, data=FORM, headers={**ours, **host}).status_code == 200


def test_a_changed_form_is_forbidden(client: FlaskClient) -> None:
    changed = {**FORM, "From": "+13605550199"}

    assert client.post(ROUTE, data=changed, headers=signed(ROUTE, FORM)).status_code == 403


def test_parameters_that_twilio_adds_one_day_do_no_harm(client: FlaskClient) -> None:
    form = {**FORM, "NewThing": "1"}

    assert client.post(ROUTE, data=form, headers=signed(ROUTE, form)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"AccountSid": "AC" + "1" * 32}, 400),
        ({"AccountSid": ""}, 400),
        ({"MessageSid": "SM1"}, 400),
        ({"MessageSid": "XX" + "0" * 32}, 400),
    ],
    ids=["another account", "no account", "short sid", "no message"],
)
def test_a_form_that_is_not_for_us_is_refused(changes: dict[str, str], status: int, client: FlaskClient) -> None:
    form = {**FORM, **changes}

    assert client.post(ROUTE, data=form, headers=signed(ROUTE, form)).status_code == status


def test_a_query_string_is_refused_for_it_could_leave_the_form_unsigned(client: FlaskClient) -> None:
    address = f"{ROUTE}?bodySHA256=00"
    headers = {"X-Twilio-Signature": Signature(PUBLIC_URL, ["twilio_test_auth_token"]).sign(address, {})}

    assert client.post(address, data=FORM, headers=headers).status_code == 400


def test_equal_keys_are_refused(client: FlaskClient) -> None:
    body = "Body=Hi&Body=Hi&From=%2B13605550100"

    answer = client.post(ROUTE, data=body, content_type="application/x-www-form-urlencoded", headers=signed(ROUTE, {}))

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data; boundary=x", "text/plain"], ids=["json", "multipart", "text"]
)
def test_only_forms_are_read(kind: str, client: FlaskClient) -> None:
    answer = client.post(ROUTE, data="{}", content_type=kind, headers=signed(ROUTE, {}))

    assert answer.status_code == 415


def test_a_large_body_is_refused(client: FlaskClient) -> None:
    form = {**FORM, "Body": "x" * 100_000}

    assert client.post(ROUTE, data=form, headers=signed(ROUTE, form)).status_code == 413


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_post_is_answered(method: str, client: FlaskClient) -> None:
    assert getattr(client, method)(ROUTE).status_code == 405


def test_what_xml_cannot_hold_is_left_out_of_the_answer() -> None:
    answer = twiml("a\x00b\x0bc\ufffe & <d>\n😀")

    assert "abc &amp; &lt;d&gt;\n😀" in answer.get_data(as_text=True)


def test_whatsapp_is_asked_to_text_and_starts_no_conversation(phone: Phone) -> None:
    phone.number = "whatsapp:+13605550100"

    assert "SMS" in str(phone.text("Hi"))


def test_short_codes_and_our_own_number_get_silence(phone: Phone) -> None:
    for number in ("12345", "BANK", "+15555550199"):
        phone.number = number
        assert phone.text("Hi") is None


@pytest.mark.parametrize("kind", ["STOP", "START", "HELP"])
def test_what_twilio_has_answered_gets_an_empty_response(kind: str, phone: Phone) -> None:
    answer = phone.post("whatever", OptOutType=kind)

    assert reply_in(answer) is None
    assert "<Response" in answer.text


def test_a_status_report_is_taken_if_it_is_signed(client: FlaskClient) -> None:
    route = f"/twilio/status/{'a' * 24}"
    form = {**FORM, "MessageStatus": "undelivered", "ErrorCode": "30006"}

    assert client.post(route, data=form, headers=signed(route, form)).status_code == 200
    assert client.post(route, data=form).status_code == 403


def test_every_answer_forbids_caches_frames_and_guests(client: FlaskClient) -> None:
    for path in ("/livez", "/r/nothing", "/nothing", ROUTE, "/.well-known/jwks.json"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == ("public, max-age=3600" if "jwks" in path else "no-store")
        assert "Set-Cookie" not in headers


def test_redis_away_gets_the_resident_a_sentence_and_operators_a_503(
    phone: Phone, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.connect.redis.Redis.get", _away)
    monkeypatch.setattr("bot.store.connect.redis.Redis.ping", _away)

    assert "Please send that again" in str(phone.text("Hi"))
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 503


def _away(*_: object, **__: object) -> None:
    raise redis.ConnectionError("away")
