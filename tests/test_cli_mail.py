"""`vaxtext mail check`: each mail server lets us in, or it is said why not; nobody gets a mail."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fakes.certificate import make_certificate
from fakes.smtp import FakeSmtp, free_port

from bot.cli import cli

FROM = "?from=records@example.gov"


@pytest.fixture(autouse=True)
def production(nobodys_settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing goes without TLS."""
    monkeypatch.setenv("ENVIRONMENT", "production")


def check(monkeypatch: pytest.MonkeyPatch, *urls: str) -> Result:
    monkeypatch.setenv("SMTP_URL", " ".join(urls))
    return CliRunner().invoke(cli, ["mail", "check"], catch_exceptions=False)


def test_a_server_that_lets_us_in_says_by_which_tls_and_gets_no_mail(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificate, context = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with FakeSmtp(tls=context, logins={"records": "secret"}) as smtp:
        done = check(monkeypatch, f"smtp://records:secret@127.0.0.1:{smtp.port}{FROM}")

    assert done.exit_code == 0, done.output
    assert "yes, as records, with mails from records@example.gov" in done.output
    assert "TLSv1.3" in done.output
    assert smtp.mails == []


def test_each_server_is_tried_and_the_one_in_trouble_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    certificate, context = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    nobody = free_port()
    with FakeSmtp(tls=context) as smtp:
        done = check(monkeypatch, f"smtp://127.0.0.1:{nobody}{FROM}", f"smtp://127.0.0.1:{smtp.port}{FROM}")

    assert done.exit_code == 1
    assert f"mail server 2, 127.0.0.1:{smtp.port}:\nok " in done.output
    assert done.output.endswith(f"1 to change: mail server 1, 127.0.0.1:{nobody}\n")


def test_a_wrong_password_is_said_and_not_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    certificate, context = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with FakeSmtp(tls=context, logins={"records": "secret"}) as smtp:
        done = check(monkeypatch, f"smtp://records:an_old_one@127.0.0.1:{smtp.port}{FROM}")

    assert done.exit_code == 1
    assert "does not take user and password" in done.output
    assert "an_old_one" not in done.output


def test_a_server_without_tls_lets_us_in_in_the_demo_only(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeSmtp() as smtp:
        refused = check(monkeypatch, f"smtp://127.0.0.1:{smtp.port}{FROM}")
        monkeypatch.setenv("ENVIRONMENT", "demo")
        taken = check(monkeypatch, f"smtp://127.0.0.1:{smtp.port}{FROM}")

    assert (refused.exit_code, taken.exit_code) == (1, 0)
    assert "lacks what is needed: STARTTLS" in refused.output
    assert "open to all who listen" in taken.output


def test_a_sender_that_the_server_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "demo")
    with FakeSmtp(senders=("other@example.gov",)) as smtp:
        done = check(monkeypatch, f"smtp://127.0.0.1:{smtp.port}{FROM}")

    assert done.exit_code == 1
    assert "takes no mail from records@example.gov: 550" in done.output


def test_without_a_mail_server_there_is_nothing_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    done = check(monkeypatch)

    assert done.exit_code == 1
    assert "Set SMTP_URL first" in done.output
