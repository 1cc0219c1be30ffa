"""Several mail servers: the next takes what the one before certainly did not; and none gets a mail without TLS."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from conftest import Clock
from fakes.certificate import Authority
from fakes.smtp import BREAK_OFF, FakeSmtp, free_port

from bot.delivery.relays import Relays
from bot.delivery.smtp import SmtpAddress, SmtpDelivery
from bot.outbox.delivery import Message
from bot.ports import DeliveryRefused, DeliveryUnavailable, DeliveryUncertain
from bot.store.healths import RedisHealths

MAIL = Message(to="ana@example.org", body="Your record: /r/abc", subject="Your record", delivery_id="d" * 24)


@pytest.fixture
def healths(redis_url: str, clock: Clock) -> Iterator[RedisHealths]:
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        yield RedisHealths(client, clock)


@pytest.fixture
def first() -> Iterator[FakeSmtp]:
    with FakeSmtp() as first:
        yield first


@pytest.fixture
def second() -> Iterator[FakeSmtp]:
    with FakeSmtp() as second:
        yield second


def by(healths: RedisHealths, *ports: int, tls_required: bool = False) -> Relays:
    urls = [f"smtp://127.0.0.1:{port}?from=records@example.gov" for port in ports]
    return Relays([SmtpDelivery(SmtpAddress.parse(url, tls_required=tls_required)) for url in urls], healths)


def why(port: int, *, user: str = "", scheme: str = "smtp") -> str:
    """What an operator reads when TLS is required."""
    url = f"{scheme}://{user}127.0.0.1:{port}?from=records@example.gov"
    with pytest.raises(DeliveryUnavailable) as caught:
        SmtpDelivery(SmtpAddress.parse(url, tls_required=True)).send(MAIL)
    return str(caught.value)


def test_the_first_gets_all(healths: RedisHealths, first: FakeSmtp, second: FakeSmtp) -> None:
    relays = by(healths, first.port, second.port)

    for _ in range(3):
        relays.send(MAIL)

    assert (len(first.mails), second.mails) == (3, [])


def test_what_the_first_does_not_take_the_second_gets_under_the_same_message_id(
    healths: RedisHealths, first: FakeSmtp, second: FakeSmtp
) -> None:
    relays = by(healths, first.port, second.port)
    relays.send(MAIL)
    first.at_recipient.append("451 4.7.1 later")

    relays.send(MAIL)

    (a,), (b,) = first.mails, second.mails
    assert a.parsed["Message-ID"] == b.parsed["Message-ID"] == f"<{MAIL.delivery_id}@example.gov>"


def test_a_server_that_is_not_there_is_passed_over_and_soon_asked_last(healths: RedisHealths, second: FakeSmtp) -> None:
    nobody = free_port()
    relays = by(healths, nobody, second.port)

    for _ in range(31):
        relays.send(MAIL)

    assert len(second.mails) == 31
    assert healths.percent(f"127.0.0.1:{nobody}") == 40


@pytest.mark.parametrize(("answer", "error"), [(BREAK_OFF, DeliveryUncertain), ("554 5.7.1 no", DeliveryRefused)])
def test_what_the_first_perhaps_took_or_refused_for_good_goes_to_no_other(
    answer: str, error: type[Exception], healths: RedisHealths, first: FakeSmtp, second: FakeSmtp
) -> None:
    first.at_data.append(answer)

    with pytest.raises(error):
        by(healths, first.port, second.port).send(MAIL)

    assert second.mails == []


def test_a_silent_first_leaves_time_for_the_second(
    healths: RedisHealths, second: FakeSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.relays.SESSION", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        by(healths, silent.getsockname()[1], second.port).send(MAIL)

    assert len(second.mails) == 1


def test_none_of_them_without_tls_where_it_is_required(
    healths: RedisHealths, first: FakeSmtp, second: FakeSmtp
) -> None:
    with pytest.raises(DeliveryUnavailable, match="STARTTLS"):
        by(healths, first.port, second.port, tls_required=True).send(MAIL)

    assert first.mails == second.mails == []


def test_starttls_that_somebody_took_out_is_said(first: FakeSmtp) -> None:
    assert why(first.port, user="records:secret@") == (
        "the mail server lacks what is needed: STARTTLS, or a login after it"
    )
    assert first.mails == []


def test_a_certificate_of_nobody_and_one_that_has_ended_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = (Authority(tmp_path, name) for name in ("ours", "theirs"))
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.file))

    for certificate in (theirs.serve(), ours.serve(ends=timedelta(days=-1)), ours.serve("127.0.0.2")):
        with FakeSmtp(tls=certificate) as smtp:
            assert why(smtp.port).startswith("the mail server's certificate is not for this host")
            assert smtp.mails == []


def test_a_wrong_password_is_said_and_is_not_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))

    with FakeSmtp(tls=authority.serve(), logins={"records": "right"}) as smtp:
        said = why(smtp.port, user="records:wrong@")

    assert said == "the mail server does not take user and password"


def test_a_plain_server_where_tls_is_to_be_from_the_first_byte_is_said(first: FakeSmtp) -> None:
    assert why(first.port, scheme="smtps") == "the mail server speaks no TLS that we take"
