"""When nobody knows whether a message was taken: what counts as such, and how Twilio is asked."""

import socket
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fakes.smtp import BREAK_OFF, FakeSmtp
from fakes.twilio import (
    ACCEPT_AND_BREAK_OFF,
    ACCEPT_AND_FAIL,
    ACCEPT_IN_SILENCE,
    BROKEN,
    HANG_UP,
    SILENCE,
    Failure,
    FakeTwilio,
)

from bot.delivery.by_contact import ByContact
from bot.delivery.console import ConsoleDelivery
from bot.delivery.smtp import SmtpAddress, SmtpDelivery
from bot.delivery.twilio_rest import PAGE, TwilioDelivery
from bot.outbox.delivery import Message, Report
from bot.ports import DeliveryUnavailable, DeliveryUncertain

ACCOUNT_SID = "AC" + "0" * 32
OURS = "+15555550199"
TEXT = Message(
    to="+13605550100",
    body="Your record: https://records.example.gov/r/abcdefghijklmnopqrstuvwxya",
    delivery_id="0123456789abcdef01234567",
)
EMAIL = replace(TEXT, to="ana@example.org", subject="Your record")


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio(ACCOUNT_SID, "token") as twilio:
        yield twilio


@pytest.fixture
def texts(twilio: FakeTwilio) -> TwilioDelivery:
    return TwilioDelivery(ACCOUNT_SID, "token", OURS, "https://bot.example.org/twilio/status", twilio.url)


def by_smtp(port: int) -> SmtpDelivery:
    return SmtpDelivery(SmtpAddress.parse(f"smtp://127.0.0.1:{port}?from=records@example.gov", tls_required=False))


@pytest.mark.parametrize(
    "failure",
    [BROKEN, Failure(503, 20003), HANG_UP, SILENCE, ACCEPT_AND_BREAK_OFF, ACCEPT_AND_FAIL, ACCEPT_IN_SILENCE],
    ids=["500", "503", "hung up", "silence", "taken, then hung up", "taken, then 500", "taken, then silence"],
)
def test_after_a_time_out_or_a_5xx_nobody_knows_whether_twilio_took_it(
    failure: Failure, texts: TwilioDelivery, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts.client.http_client, "timeout", 0.3)
    twilio.fail(failure)
    began = time.monotonic()

    with pytest.raises(DeliveryUncertain) as caught:
        texts.send(TEXT)

    assert time.monotonic() - began < 5
    printed = "".join(traceback.format_exception(caught.value))
    assert TEXT.to not in printed
    assert "/r/" not in printed


def test_a_message_that_twilio_took_is_found_with_what_became_of_it(texts: TwilioDelivery, twilio: FakeTwilio) -> None:
    since = time.time()
    twilio.fail(ACCEPT_AND_BREAK_OFF)
    with pytest.raises(DeliveryUncertain):
        texts.send(TEXT)
    (sent,) = twilio.sent

    queued = texts.find(TEXT, since=since, known=())
    sent.become("undelivered", 30003, time.time())
    failed = texts.find(TEXT, since=since, known=())

    assert queued == Report("accepted", sent.sid)  # it is not sent yet, so it has no DateSent
    assert failed == Report("failed", sent.sid, code="30003")


def test_other_messages_are_not_taken_for_it(texts: TwilioDelivery, twilio: FakeTwilio) -> None:
    earlier, known = texts.send(TEXT), texts.send(TEXT)
    twilio.sent[0].created -= 3600
    texts.send(replace(TEXT, to="+13605550101"))
    texts.send(replace(TEXT, body=TEXT.body[:-1] + "b"))

    found = texts.find(TEXT, since=time.time(), known=(known.provider_id,))

    assert earlier.provider_id != known.provider_id
    assert found is None


def test_it_is_found_on_whichever_page_of_the_list_and_in_whatever_order(
    texts: TwilioDelivery, twilio: FakeTwilio
) -> None:
    wanted = texts.send(TEXT)
    for number in range(PAGE + 5):
        texts.send(replace(TEXT, body=f"Another text, number {number}."))

    assert texts.find(TEXT, since=time.time() - 60, known=()) == Report("accepted", wanted.provider_id)
    assert len(twilio.looks) == 2


def test_a_trial_account_has_its_own_words_before_ours(texts: TwilioDelivery, twilio: FakeTwilio) -> None:
    texts.send(TEXT)
    twilio.sent[0].body = f"Sent from your Twilio trial account - {TEXT.body}"

    assert texts.find(TEXT, since=time.time(), known=())


def test_what_became_of_a_message_is_asked_by_its_sid(texts: TwilioDelivery, twilio: FakeTwilio) -> None:
    sid = texts.send(TEXT).provider_id
    twilio.sent[0].become("delivered", None, time.time())

    assert texts.status(TEXT, sid) == Report("delivered", sid)
    assert texts.status(TEXT, "SM" + "0" * 32) is None  # removed at Twilio


@pytest.mark.parametrize("failure", [BROKEN, HANG_UP, Failure(429, 20429)], ids=["500", "hung up", "too many"])
def test_a_twilio_that_cannot_be_asked_says_nothing_of_the_message(
    failure: Failure, texts: TwilioDelivery, twilio: FakeTwilio
) -> None:
    twilio.fail_to_tell(failure, failure)

    with pytest.raises(DeliveryUnavailable):
        texts.find(TEXT, since=0, known=())
    with pytest.raises(DeliveryUnavailable):
        texts.status(TEXT, "SM" + "0" * 32)


def test_a_mail_server_that_breaks_off_may_have_taken_the_mail() -> None:
    with FakeSmtp() as smtp:
        smtp.at_data.append(BREAK_OFF)

        with pytest.raises(DeliveryUncertain):
            by_smtp(smtp.port).send(EMAIL)

        assert len(smtp.mails) == 1


def test_a_mail_that_is_sent_twice_can_be_known_as_one() -> None:
    with FakeSmtp() as smtp:
        smtp.at_data.append(BREAK_OFF)
        with pytest.raises(DeliveryUncertain):
            by_smtp(smtp.port).send(EMAIL)
        assert by_smtp(smtp.port).find(EMAIL, since=0, known=()) is None

        by_smtp(smtp.port).send(EMAIL)

        first, second = smtp.mails
        assert first.parsed["Message-ID"] == second.parsed["Message-ID"]


def test_a_mail_server_that_answers_ever_so_slowly_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.smtp.SESSION", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as slow:
        mails = by_smtp(slow.getsockname()[1])
        began = time.monotonic()
        greeter = _greet_and_be_silent(slow)

        with pytest.raises(DeliveryUnavailable):
            mails.send(EMAIL)

        assert time.monotonic() - began < 5
        greeter.join()


def _greet_and_be_silent(server: socket.socket) -> threading.Thread:
    def greet() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"220 slow\r\n")
            while connection.recv(1024):
                continue

    thread = threading.Thread(target=greet)
    thread.start()
    return thread


def test_each_way_is_asked_for_its_own_messages(texts: TwilioDelivery, twilio: FakeTwilio) -> None:
    both = ByContact(texts, ConsoleDelivery())
    sid = both.send(TEXT).provider_id

    assert both.find(TEXT, since=0, known=()) == both.status(TEXT, sid) == Report("accepted", sid)
    assert both.find(EMAIL, since=0, known=()) is both.status(EMAIL, "x") is None
