"""The `vaxtext` command: what staff, testers and operators type, and what they read."""

import base64
import json
import re
import shutil
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result
from conftest import ACCOUNT_SID, ANA, AUTH_TOKEN, PUBLIC_URL
from fakes.smtp import free_port
from werkzeug.serving import make_server

from bot.cli import cli
from bot.demo_defaults import new_secret
from bot.iis.sql.iis import SqlIIS
from bot.records import Demographics
from bot.wiring import System, build_app

FLOW = Path(__file__).parent.parent / "flows" / "vaccine_record"


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, nobodys_settings: None) -> None:
    """The flow, and the log of these tests left as it is."""
    monkeypatch.setenv("FLOW", str(FLOW))
    monkeypatch.setattr("bot.cli.work.set_up_logging", lambda process: None)


@pytest.fixture
def server(system: System) -> Iterator[str]:
    """The app of a test at an address of its own; it signs for PUBLIC_URL."""
    server = make_server("127.0.0.1", 0, build_app(system), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with structlog.testing.capture_logs():  # not among what the command prints
        yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def twilio(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tester has the server's token."""
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", ACCOUNT_SID)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", AUTH_TOKEN)
    monkeypatch.setenv("TWILIO_FROM", "+15555550199")


def vaxtext(*arguments: str | Path) -> Result:
    """Type a command; faults of ours are raised, not caught."""
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture
def broken_flow(tmp_path: Path) -> Path:
    """Our flow with one word mistyped."""
    folder = tmp_path / "flow"
    shutil.copytree(FLOW, folder)
    path = folder / "flow.yaml"
    path.write_text(path.read_text().replace("next: {ok: ask_last_name}", "next: {ok: ask_lastname}"))
    return folder


def test_it_lists_its_commands() -> None:
    done = vaxtext("--help")

    assert done.exit_code == 0
    commands = "audit chat demo flow funnel iis keys limits mail post trust twilio verify worker".split()
    assert re.findall(r"^  (\w+)  ", done.output, re.M) == commands


def test_flow_check_of_our_flow_says_that_it_is_sound() -> None:
    done = vaxtext("flow", "check", FLOW)

    assert (done.exit_code, done.stderr) == (0, "")
    assert f"\n{FLOW}: no errors, no warnings, " in done.stdout
    assert re.search(r"\n\d+ states, languages en, es, .*\.\n$", done.stdout)


def test_flow_check_without_a_folder_checks_the_flow_of_the_settings() -> None:
    assert vaxtext("flow", "check").stdout == vaxtext("flow", "check", FLOW).stdout


def test_flow_check_says_where_the_mistake_is_and_what_was_meant(broken_flow: Path) -> None:
    done = vaxtext("flow", "check", broken_flow)

    line = (broken_flow / "flow.yaml").read_text().splitlines().index("    next: {ok: ask_lastname}") + 1
    assert done.exit_code == 1
    assert f"{broken_flow}/flow.yaml:{line}:16: " in done.stdout
    assert "no state named 'ask_lastname' (did you mean 'ask_last_name'?)" in done.stdout


def test_flow_check_of_a_folder_that_is_none_says_so(tmp_path: Path) -> None:
    done = vaxtext("flow", "check", tmp_path / "nowhere")

    assert done.exit_code == 1
    assert "this file is missing" in done.stdout


def test_flow_list_names_the_checks_and_actions_that_a_flow_may_use() -> None:
    done = vaxtext("flow", "list")

    assert done.exit_code == 0
    for name in ("person_name", "date_of_birth", "contact", "new_pin", "send_record", "no_match", "fault"):
        assert name in done.output


def test_iis_load_fills_the_registry_and_says_how_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IIS_URL", f"sqlite:///{tmp_path}/iis.db")
    file = write_ndjson(tmp_path, patient(), dose("d1", "2021-04-08"), dose("d2", "2021-04-29"), "no JSON")

    first, again = vaxtext("iis", "load", file), vaxtext("iis", "load", file)

    assert first.exit_code == 0
    assert first.stdout == again.stdout
    assert first.stdout.splitlines() == [
        "People: 1. Doses: 2.",
        "Rejected: 1, listed in var/iis_rejects.csv.",
        "The registry holds 1 people and 2 doses. Double reports: 0.",
    ]
    assert f"{file},4,not a JSON object" in (tmp_path / "var/iis_rejects.csv").read_text()
    found = SqlIIS(f"sqlite:///{tmp_path}/iis.db").find(Demographics("Ana", "Reyes", date(1985, 3, 27), ANA))
    assert found
    assert [dose.date.isoformat() for dose in found.immunizations] == ["2021-04-08", "2021-04-29"]


def test_the_list_of_rejects_never_takes_the_place_of_an_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IIS_URL", f"sqlite:///{tmp_path}/iis.db")
    file = write_ndjson(tmp_path, patient())
    before = file.read_bytes()

    done = vaxtext("iis", "load", file, "--rejects", file)

    assert done.exit_code == 2
    assert "name another" in done.output
    assert file.read_bytes() == before


@pytest.mark.parametrize("command", ["load", "upgrade"])
def test_a_registry_that_is_asked_live_is_never_filled(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IIS_URL", "hl7+https://iis.example.gov/soap")

    done = vaxtext("iis", command, *([write_ndjson(tmp_path, patient())] if command == "load" else []))

    assert done.exit_code == 1
    assert "asked live" in done.output


def test_iis_load_without_a_registry_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IIS_URL", f"postgresql://u:hush@127.0.0.1:{free_port()}/registry")

    done = vaxtext("iis", "load", write_ndjson(tmp_path, patient()))

    assert done.exit_code == 1
    assert "host and port in IIS_URL" in done.stderr
    assert "hush" not in done.output


def test_keys_secret_prints_a_new_secret_each_time() -> None:
    first, second = (vaxtext("keys", "secret").stdout.strip() for _ in range(2))

    assert first != second
    assert len(base64.b64decode(first, validate=True)) == 32


@pytest.mark.usefixtures("twilio")
def test_post_texts_as_twilio_does_and_prints_the_replies(server: str) -> None:
    done = vaxtext("post", "--url", server, "--public-url", PUBLIC_URL, "--from", ANA, "Hi", "1", "STOP")

    assert done.exit_code == 0
    shown = done.stdout
    assert re.match(r"> Hi\n< .*COVID-19", shown)
    assert re.search(r"> 1\n< .*first name", shown)
    assert re.search(r"\n  \(\d segments\)\n", shown)
    assert shown.endswith("> STOP\n< (silence)\n")


@pytest.mark.usefixtures("twilio")
def test_posting_one_message_twice_gets_one_answer(server: str) -> None:
    sid = "SM" + "1" * 32
    options = ("--url", server, "--public-url", PUBLIC_URL, "--from", ANA)
    vaxtext("post", *options, "Hi", "1")

    first, again = (vaxtext("post", *options, "--sid", sid, "Ana").stdout for _ in range(2))

    assert "last name" in first
    assert again == first


@pytest.mark.usefixtures("twilio")
def test_post_says_why_it_was_refused(server: str) -> None:
    done = vaxtext("post", "--url", server, "--from", ANA, "Hi")  # signed for an address that is not the server's

    assert done.exit_code == 1
    assert "The signature does not fit. Check TWILIO_AUTH_TOKEN and PUBLIC_URL." in done.stderr
    assert "--public-url" in done.stderr


def test_post_to_nobody_says_that_nothing_answers() -> None:
    url = f"http://127.0.0.1:{free_port()}"

    done = vaxtext("post", "--url", url, "--from", ANA, "Hi")

    assert done.exit_code == 1
    assert f"nothing answers at {url}" in done.stderr
    assert ANA not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("demo",),
        ("worker",),
        ("chat",),
        ("post", "--from", ANA, "Hi"),
        ("flow", "check"),
        ("iis", "load", "export.ndjson"),
        ("keys", "list"),
    ],
    ids=" ".join,
)
def test_a_wrong_setting_is_a_sentence_and_no_traceback(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_ndjson(tmp_path, patient())
    monkeypatch.setenv("LINK_PEPPER", "a:hush")

    done = vaxtext(*command)

    assert done.exit_code == 1
    assert "LINK_PEPPER: write 32 random bytes in base64; 'vaxtext keys secret' prints one" in done.stderr
    assert not any(word in done.output for word in ("Traceback", "hush"))


@pytest.mark.parametrize("command", ["demo", "worker"])
def test_a_broken_flow_stops_the_start_with_its_place(
    command: str, broken_flow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOW", str(broken_flow))

    done = vaxtext(command)

    assert done.exit_code == 1
    assert re.search(r"flow\.yaml:\d+:16: .*'ask_lastname'", done.stderr)


def test_the_demo_does_not_run_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    secret, pepper, index, audit = (new_secret() for _ in range(4))
    given = {
        "ENVIRONMENT": "production",
        "TRUSTED_PROXIES": "1",
        "PUBLIC_URL": "https://records.health.test",
        "REDIS_URL": "rediss://:a-long-password-of-redis@redis.health.test",
        "IIS_URL": "postgresql://iis.health.test/registry?sslmode=verify-full",
        "AUDIT_URL": "postgresql://audit.health.test/audit?sslmode=verify-full",
        "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_FROM": "+15555550199",
        "SMTP_URL": "smtp://mail.health.test?from=records@health.test",
        "SECRET_KEYS": f"a:{secret}",
        "LINK_PEPPER": f"a:{pepper}",
        "INDEX_KEYS": f"a:{index}",
        "AUDIT_KEYS": f"a:{audit}",
        "CARD_ISSUER": "https://records.health.test",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    done = vaxtext("demo")

    assert done.exit_code == 1
    assert "ENVIRONMENT is not demo. Start web and worker as in the Procfile." in done.stderr


def write_ndjson(folder: Path, *resources: dict[str, object] | str) -> Path:
    lines = [line if isinstance(line, str) else json.dumps(line) for line in resources]
    file = folder / "export.ndjson"
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


def patient() -> dict[str, object]:
    return {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"family": "Reyes", "given": ["Ana"]}],
        "birthDate": "1985-03-27",
        "telecom": [{"system": "phone", "value": "360-555-0100"}],
    }


def dose(dose_id: str, day: str) -> dict[str, object]:
    return {
        "resourceType": "Immunization",
        "id": dose_id,
        "status": "completed",
        "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "208"}]},
        "patient": {"reference": "Patient/p1"},
        "occurrenceDateTime": day,
    }
