"""Delivery by Twilio and by SMTP, against real servers on loopback: what goes out, and what each failure means."""

import json
import socket
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.certificate import make_certificate
from fakes.smtp import FakeSmtp
from fakes.twilio import TOO_MANY, Failure, FakeTwilio

from bot.delivery.by_contact import ByContact
from bot.delivery.console import ConsoleDelivery, Outbox, read_outbox
from bot.delivery.smtp import SmtpAddress, SmtpDelivery
from bot.delivery.twilio_rest import TwilioDelivery
from bot.outbox.delivery import Message, Report
from bot.ports import Carrier, DeliveryRefused, DeliveryUnavailable

ACCOUNT_SID = "AC" + "0" * 32
OURS = "+15555550199"
STATUS_URL = "https://bot.example.org/twilio/status"
LINK = "https://records.example.gov/r/abcdefghijklmnopqrstuvwxya"
TEXT = Message(to="+13605550100", body=f"Your record, señora 王: {LINK}", delivery_id="0123456789abcdef01234567")
EMAIL = Message(
    to="priya.natarajan@example.org",
    body=f"Se pidió un registro de vacunas con este contacto. Ábralo con su PIN en 24 horas: {LINK}\n¿No es suyo? 王",
    subject="Su registro de vacunación: ¡aquí está!",
    language="es",
    delivery_id="0123456789abcdef01234567",
)
PERSONAL = ("3605550100", "priya", "Your record", "registro", LINK)


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio(ACCOUNT_SID, "token") as twilio:
        yield twilio


@pytest.fixture
def texts(twilio: FakeTwilio) -> TwilioDelivery:
    return TwilioDelivery(ACCOUNT_SID, "token", OURS, STATUS_URL, twilio.url)


@pytest.fixture
def smtp() -> Iterator[FakeSmtp]:
    with FakeSmtp() as smtp:
        yield smtp


@pytest.fixture
def emails(smtp: FakeSmtp) -> SmtpDelivery:
    return by_smtp(smtp.port)


def by_smtp(port: int, user: str = "", *, tls_required: bool = False, host: str = "127.0.0.1") -> SmtpDelivery:
    url = f"smtp://{user}{host}:{port}?from=records@example.gov"
    return SmtpDelivery(SmtpAddress.parse(url, tls_required=tls_required))


def says_nothing_personal(error: BaseException) -> bool:
    printed = "".join(traceback.format_exception(error)) + repr(error)
    return not any(text in printed for text in PERSONAL)


def test_a_text_goes_to_twilio_as_it_is(texts: TwilioDelivery, twilio: FakeTwilio) -> None:
    report = texts.send(TEXT)

    (message,) = twilio.sent
    assert (message.to, message.sender, message.body) == (TEXT.to, OURS, TEXT.body)
    assert report == Report("accepted", message.sid)
    assert "MediaUrl" not in twilio.asked[0]


def test_twilio_is_told_where_to_report_what_became_of_it(texts: TwilioDelivery, twilio: FakeTwilio) -> None:
    texts.send(TEXT)

    assert twilio.sent[0].status_callback == f"{STATUS_URL}/{TEXT.delivery_id}"


def test_a_picture_goes_as_an_address(
    texts: TwilioDelivery, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fakes.twilio._fetch", lambda method, url: (method, url))
    picture = "https://bot.example.org/m/abcdefghijklmnopqrstuvwxya.png"

    texts.send(Message(to=TEXT.to, body="Save this.", media_url=picture))

    assert twilio.sent[0].media_url == picture
    assert twilio.sent[0].fetched == [("HEAD", picture), ("GET", picture)]


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (TOO_MANY, "20429"),
        (Failure(403, 20003), "20003"),
        (Failure(400, 21611), "21611"),
        (Failure(404, 20404), "20404"),
        (Failure(400, 20005), "20005"),
    ],
    ids=[
        "too many",
        "suspended",
        "the sender's queue is full",
        "no such account",
        "account not active",
    ],
)
def test_what_twilio_certainly_did_not_take_is_tried_again_later(
    failure: Failure, code: str, texts: TwilioDelivery, twilio: FakeTwilio
) -> None:
    twilio.fail(failure)

    with pytest.raises(DeliveryUnavailable) as caught:
        texts.send(TEXT)

    assert str(caught.value) == code
    assert says_nothing_personal(caught.value)
    assert texts.send(TEXT)  # and the next one goes through


@pytest.mark.parametrize("code", [21610, 21211, 21614], ids=["opted out", "no number", "a landline"])
def test_what_will_never_arrive_is_refused_with_twilios_code(
    code: int, texts: TwilioDelivery, twilio: FakeTwilio
) -> None:
    twilio.fail(Failure(400, code))

    with pytest.raises(DeliveryRefused) as caught:
        texts.send(TEXT)

    assert caught.value.code == str(code)
    assert says_nothing_personal(caught.value)


def test_a_wrong_token_is_for_the_operator_to_mend_and_no_message_is_lost(twilio: FakeTwilio) -> None:
    texts = TwilioDelivery(ACCOUNT_SID, "the_wrong_token", OURS, STATUS_URL, twilio.url)

    with pytest.raises(DeliveryUnavailable, match="20003"):
        texts.send(TEXT)


def test_a_twilio_that_is_not_there_is_tried_again_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    texts = TwilioDelivery(ACCOUNT_SID, "token", OURS, STATUS_URL, f"http://127.0.0.1:{port}")

    with pytest.raises(DeliveryUnavailable) as caught:
        texts.send(TEXT)

    assert says_nothing_personal(caught.value)


def test_an_email_says_what_the_message_says_and_its_link_is_whole(emails: SmtpDelivery, smtp: FakeSmtp) -> None:
    report = emails.send(EMAIL)

    (mail,) = smtp.mails
    read = mail.parsed
    assert mail.recipients == (EMAIL.to,)
    assert mail.text == EMAIL.body
    assert (read["To"], read["From"], read["Subject"]) == (EMAIL.to, "records@example.gov", EMAIL.subject)
    assert (read.get_content_type(), read["Content-Language"]) == ("multipart/alternative", "es")
    assert report == Report("accepted", read["Message-ID"].strip(), last=True)
    assert read["Auto-Submitted"] == "auto-generated"  # no out-of-office robot answers it


def test_an_email_in_arabic_runs_from_right_to_left_and_its_link_does_not(emails: SmtpDelivery, smtp: FakeSmtp) -> None:
    emails.send(replace(EMAIL, language="ar", body="سجلك <هنا>:\nhttps://bot.example.org/r/abc"))

    page = smtp.mails[0].parsed.get_body(("html",)).get_content()

    assert '<html lang="ar" dir="rtl">' in page
    assert '<a href="https://bot.example.org/r/abc" dir="ltr">' in page
    assert "&lt;هنا&gt;" in page


def test_an_emails_lines_are_short_enough_for_every_mail_server(emails: SmtpDelivery, smtp: FakeSmtp) -> None:
    emails.send(replace(EMAIL, body="ñ" * 1200 + LINK, subject="s" * 300))

    assert max(len(line) for line in smtp.mails[0].raw.splitlines()) <= 998  # RFC 5322
    assert smtp.mails[0].text == "ñ" * 1200 + LINK


@pytest.mark.parametrize("to", ["ana@example.org", "o'neil+x@example.org", "a=b@example.org"])
def test_an_email_has_exactly_one_recipient(to: str, emails: SmtpDelivery, smtp: FakeSmtp) -> None:
    emails.send(replace(EMAIL, to=to))

    (mail,) = smtp.mails
    assert mail.recipients == (to,)
    assert [address.addr_spec for address in mail.parsed["To"].addresses] == [to]


@pytest.mark.parametrize(
    "to",
    ["a,b@example.org", "a;b@example.org", "a<b@example.org", "a(b)@example.org", "a:b@example.org",
     "=?utf-8?q?a=2Cb=40d.org?=@example.org", "a b@example.org"],
)  # fmt: skip
def test_an_address_that_a_header_would_read_otherwise_gets_no_email(
    to: str, emails: SmtpDelivery, smtp: FakeSmtp
) -> None:
    with pytest.raises(DeliveryRefused) as caught:
        emails.send(replace(EMAIL, to=to))

    assert (caught.value.code, smtp.mails) == ("ADDRESS", [])


def test_an_email_takes_no_header_from_its_words(emails: SmtpDelivery, smtp: FakeSmtp) -> None:
    emails.send(replace(EMAIL, body="Bcc: eve@example.org\n\n.\nRCPT TO:<eve@example.org>", subject="Record"))

    (mail,) = smtp.mails
    assert mail.recipients == (EMAIL.to,)
    assert mail.parsed["Bcc"] is None
    assert mail.text.splitlines()[2] == "."


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("550 5.1.1 <priya.natarajan@example.org>: no such user", DeliveryRefused),
        ("451 4.7.1 <priya.natarajan@example.org>: greylisted", DeliveryUnavailable),
    ],
    ids=["550", "451"],
)
def test_a_recipient_that_is_refused(answer: str, error: type[Exception], emails: SmtpDelivery, smtp: FakeSmtp) -> None:
    smtp.at_recipient.append(answer)

    with pytest.raises(error) as caught:
        emails.send(EMAIL)

    assert str(caught.value) == answer[:3]
    assert says_nothing_personal(caught.value)
    assert smtp.mails == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [("554 5.7.1 refused", DeliveryRefused), ("452 4.3.1 full", DeliveryUnavailable)],
    ids=["554", "452"],
)
def test_a_mail_that_is_refused(answer: str, error: type[Exception], emails: SmtpDelivery, smtp: FakeSmtp) -> None:
    smtp.at_data.append(answer)

    with pytest.raises(error) as caught:
        emails.send(EMAIL)

    assert str(caught.value) == answer[:3]
    assert says_nothing_personal(caught.value)


def test_an_address_that_the_mail_server_cannot_write_is_refused() -> None:
    with FakeSmtp(utf8=False) as smtp, pytest.raises(DeliveryRefused) as caught:
        by_smtp(smtp.port).send(replace(EMAIL, to="josé@example.org", body=LINK))

    assert says_nothing_personal(caught.value)


def test_an_address_in_another_script_is_written_as_it_is(emails: SmtpDelivery, smtp: FakeSmtp) -> None:
    emails.send(replace(EMAIL, to="josé@example.org"))

    (mail,) = smtp.mails
    assert mail.recipients == ("josé@example.org",)
    assert mail.text == EMAIL.body


def test_nobody_waits_for_ever_for_a_mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.smtp.TIMEOUT", 0.2)

    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(DeliveryUnavailable) as caught:
        by_smtp(silent.getsockname()[1]).send(EMAIL)

    assert says_nothing_personal(caught.value)


def test_a_mail_server_without_tls_gets_nothing_where_tls_is_required(smtp: FakeSmtp) -> None:
    smtp.logins["records"] = "secret"

    with pytest.raises(DeliveryUnavailable) as caught:
        by_smtp(smtp.port, "records:secret@", tls_required=True).send(EMAIL)

    assert smtp.mails == []
    assert says_nothing_personal(caught.value)


def test_with_tls_a_mail_goes_encrypted_and_we_log_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, context = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with FakeSmtp(tls=context, logins={"records": "pass:word@"}) as smtp:
        by_smtp(smtp.port, "records:pass%3Aword%40@", tls_required=True).send(EMAIL)

    (mail,) = smtp.mails
    assert (mail.encrypted, mail.user) == (True, "records")


def test_a_certificate_that_nobody_knows_is_not_trusted(tmp_path: Path) -> None:
    _, context = make_certificate(tmp_path)

    with FakeSmtp(tls=context) as smtp, pytest.raises(DeliveryUnavailable):
        by_smtp(smtp.port, tls_required=True).send(EMAIL)

    assert smtp.mails == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org?from=a@b",
        "smtp://?from=a@b",
        "smtp://host",
        "smtp://host?from=nobody",
        "smtp://host:x?from=a@b",
    ],
    ids=["scheme", "no host", "no sender", "no address", "no port"],
)
def test_an_address_of_a_mail_server_that_is_none_says_what_to_write(url: str) -> None:
    with pytest.raises(ValueError, match="write smtp://user:password@host:587"):
        SmtpAddress.parse(url, tls_required=True)


def test_emails_go_by_mail_and_phones_by_text(
    texts: TwilioDelivery, twilio: FakeTwilio, emails: SmtpDelivery, smtp: FakeSmtp
) -> None:
    both = ByContact(texts, emails)

    both.send(TEXT)
    both.send(EMAIL)

    assert [message.to for message in twilio.sent] == [TEXT.to]
    assert [mail.recipients for mail in smtp.mails] == [(EMAIL.to,)]


def test_the_outbox_has_a_line_for_each_message(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    picture = Message(to=TEXT.to, body="línea 1\nlínea 2", media_url="https://bot.example.org/m/x.png")
    before = time.time()

    Outbox(ConsoleDelivery(), path).send(TEXT)
    Outbox(ConsoleDelivery(), path).send(picture)

    first, second = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    assert before <= first.pop("at") <= second.pop("at") <= time.time()
    assert first == {"to": TEXT.to, "body": TEXT.body, "media_url": None}
    assert second == {"to": TEXT.to, "body": picture.body, "media_url": picture.media_url}
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_message_that_was_not_taken_is_not_in_the_outbox(
    texts: TwilioDelivery, twilio: FakeTwilio, tmp_path: Path
) -> None:
    twilio.fail(TOO_MANY)
    outbox: Carrier = Outbox(texts, tmp_path / "outbox.jsonl")

    with pytest.raises(DeliveryUnavailable):
        outbox.send(TEXT)

    assert read_outbox(tmp_path / "outbox.jsonl") == []
