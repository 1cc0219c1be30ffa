"""`vaxtext audit`: the help line reads what happened, in plain words, and an operator sees that all is there."""

import re
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from conftest import Phone, RecordedJobs

from bot.audit.draining import drain
from bot.cards.reference import to_reference
from bot.cli import cli
from bot.ports import Services
from bot.wiring import System

Ask = Callable[..., Result]
ASKED = ("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "AGREE", "4821", "1")


@pytest.fixture
def ask(system: System, monkeypatch: pytest.MonkeyPatch) -> Ask:
    for name in ("audit_url", "audit_keys"):
        monkeypatch.setenv(name.upper(), getattr(system.settings, name))
    monkeypatch.setenv("DATA_DIR", str(system.settings.data_dir))

    def vaxtext(*arguments: str, say: str = "") -> Result:
        command = arguments if arguments[:1] == ("keys",) else ("audit", *arguments)
        return CliRunner().invoke(cli, command, input=say, catch_exceptions=False)

    return vaxtext


def test_by_reference_number_it_tells_what_happened(
    phone: Phone, jobs: RecordedJobs, services: Services, ask: Ask
) -> None:
    phone.text(*ASKED)
    jobs.work()
    link = re.search(r"/r/[a-z2-7]{26}", str(phone.received()[0]["body"]))[0]
    page = phone.client.post(link, data={"pin": "4821"}).text.replace("<wbr>", "")
    reference = re.search(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}", page)[0]
    drain(services)

    shown = ask(reference.lower().replace("-", " ")).stdout

    lines = [line.partition(" UTC  ")[2] for line in shown.splitlines()]
    assert re.match(
        r"A record was asked for whose contact is the phone that texted us\. Language: en\. "
        r"The declaration \(words [0-9a-f]+ in en\) was accepted 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC\.",
        lines[0],
    )
    assert lines[1:] == [
        "One record matched. A link to it was made, to be sent to that contact.",
        "The message with the record arrived, at the phone that texted us.",
        "The page was opened with the right PIN.",
    ]


def test_by_phone_it_tells_who_asked_and_never_prints_the_phone(
    phone: Phone, jobs: RecordedJobs, services: Services, ask: Ask
) -> None:
    phone.number = "+13605550199"
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "360-555-0100", "AGREE", "4821")
    jobs.work()
    drain(services)

    asked = ask("--phone", say="(360) 555-0100\n")

    assert "Another phone asked for a record with this contact." in asked.stdout
    assert "0100" not in asked.output
    assert "This phone asked for a record whose contact is another phone." in ask("--phone", say="3605550199\n").stdout


def test_what_nobody_knows_is_said_in_words(services: Services, ask: Ask) -> None:
    drain(services)
    services.trail.write([])

    assert "nothing about that" in ask("--phone", say="3605550187\n").output
    assert "a check, does not fit" in ask("7K3M-9QXTR-2VB8D").output
    assert "area code" in ask("--phone", say="hello\n").output
    assert ask().exit_code == 2


def test_check_upgrade_and_purge(phone: Phone, jobs: RecordedJobs, services: Services, ask: Ask) -> None:
    assert ask("upgrade").exit_code == 0
    phone.text(*ASKED)
    drain(services)

    first = ask("check").stdout
    assert "whole. Rows: 1." in first
    seen = re.search(r"--against (\S+)", first)[1]
    assert ask("check", "--against", seen).exit_code == 0
    chain = seen.partition(":")[2]
    assert "row 1 is another than it was" in ask("check", "--against", f"1:{'0' * 16}").output
    assert "there were 9" in ask("check", "--against", f"9:{chain}").output
    assert ask("purge").stdout == "Rows removed: 0.\n"


def test_an_empty_trail_is_not_called_whole(ask: Ask) -> None:
    assert ask("upgrade").exit_code == 0

    said = ask("check").stdout

    assert said.startswith("The audit trail is empty.")
    assert "AUDIT_URL" in said
    assert "there were 9" in ask("check", "--against", f"9:{'a' * 16}").output


def test_a_revocation_is_on_record_and_told(ask: Ask) -> None:
    reference = to_reference("AAAAAAAAAAA")

    done = ask("keys", "revoke", "--for-good", "--yes", reference)

    assert done.exit_code == 0
    assert "Cards with this reference number were revoked. For good: also those" in ask(reference).stdout


def test_a_revocation_that_the_trail_does_not_take_is_made_and_said(
    ask: Ask, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDIT_URL", f"sqlite:///{system.settings.data_dir}/demo_secrets.json/audit.db")

    done = ask("keys", "revoke", to_reference("AAAAAAAAAAA"))

    assert done.exit_code == 1
    assert "are revoked. Readers see it" in done.stdout
    assert "the audit trail does not say so" in done.stderr
    assert list((system.settings.data_dir / "crl").glob("*.json"))


def test_in_production_the_command_says_which_settings_it_needs(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("AUDIT_KEYS", "")

    assert "AUDIT_KEYS: missing; the audit trail can only be used with both." in ask("check").output
