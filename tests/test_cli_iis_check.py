"""`vaxtext iis check`: every step in a line, and what is wrong in words."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fakes.certificate import Authority
from fakes.fhir_oauth import FakeOAuth
from fakes.fhir_server import FhirServer
from fakes.smtp import free_port
from fakes.soap_iis import PAGE, SoapIis
from joserfc.jwk import ECKey
from postgres import Postgres

from bot.cli import cli
from bot.config import Settings
from bot.iis.demo_people import demo_people

PEOPLE = [person.record for person in demo_people()]
ANA = ("--first", "Ana", "--last", "Reyes", "--born", "1985-03-27", "--contact", "(360) 555-0100")


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def soap() -> Iterator[SoapIis]:
    with SoapIis(PEOPLE) as server:
        yield server


def check(monkeypatch: pytest.MonkeyPatch, url: str, *arguments: str) -> Result:
    monkeypatch.setenv("IIS_URL", url)
    return CliRunner().invoke(cli, ["iis", "check", *arguments], catch_exceptions=False)


def words(done: Result) -> list[str]:
    return [line.split()[0] for line in done.output.splitlines()]


def test_an_hl7_registry_that_is_well_says_so_step_by_step(monkeypatch: pytest.MonkeyPatch, soap: SoapIis) -> None:
    done = check(monkeypatch, soap.url, *ANA)

    assert done.exit_code == 0
    assert words(done) == ["ok"] * 4
    assert "found, with 2 doses." in done.output
    assert "Reyes" not in done.output


def test_a_wrong_password_is_named_and_ends_the_check(monkeypatch: pytest.MonkeyPatch, soap: SoapIis) -> None:
    done = check(monkeypatch, soap.url.replace("pass%2Fw%40rd", "guessed"), *ANA)

    assert done.exit_code == 1
    assert words(done) == ["ok", "FAILED"]
    assert "password" in done.output
    assert "guessed" not in done.output


def test_an_address_that_is_no_registry_is_called_so(monkeypatch: pytest.MonkeyPatch, soap: SoapIis) -> None:
    soap.always = PAGE

    done = check(monkeypatch, soap.url)

    assert done.exit_code == 1
    assert words(done)[0] == "FAILED"
    assert "HTTP 200" in done.output
    assert "check the path in IIS_URL" in done.output


def test_a_registry_that_wants_a_certificate_is_tried_with_the_one_in_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue()
    monkeypatch.setenv("IIS_CA_FILE", str(authority.file))

    with SoapIis(PEOPLE, tls=authority.serve(demanding=True)) as server:
        without = check(monkeypatch, server.url)
        monkeypatch.setenv("IIS_CLIENT_CERT", str(certificate))
        monkeypatch.setenv("IIS_CLIENT_KEY", str(key))
        with_it = check(monkeypatch, server.url, *ANA)

    assert words(without)[0] == "FAILED"
    assert "IIS_CLIENT_CERT" in without.output
    assert words(with_it) == ["ok"] * 4


def test_a_certificate_that_has_expired_is_said_to_have(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("IIS_CA_FILE", str(authority.file))

    with SoapIis(PEOPLE, tls=authority.serve(ends=-timedelta(days=1))) as server:
        done = check(monkeypatch, server.url)

    assert words(done) == ["FAILED", "To"]
    assert "the registry must renew it" in done.output


def test_where_nothing_listens_the_check_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for scheme in ("hl7+http", "fhir+http"):
        done = check(monkeypatch, f"{scheme}://127.0.0.1:{free_port()}/iis")

        assert done.exit_code == 1
        assert done.output.startswith("FAILED connect")


def test_a_fhir_registry_with_our_key_is_tried_to_the_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = ECKey.generate_key("P-384")
    (tmp_path / "iis.pem").write_bytes(key.as_pem(private=True))
    monkeypatch.setenv("IIS_PRIVATE_KEY", str(tmp_path / "iis.pem"))
    oauth = FakeOAuth("vaxtext", keys={"keys": [key.as_dict(private=False)]})
    with FhirServer(PEOPLE, mode="match", oauth=oauth) as server:
        done = check(monkeypatch, server.url, *ANA)

    assert done.exit_code == 0
    assert set(words(done)) == {"ok"}


def test_a_copy_is_tried_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = check(monkeypatch, f"sqlite:///{tmp_path}/nowhere.db")

    assert done.exit_code == 1
    assert "FAILED" in done.output


def test_a_copy_whose_server_is_frozen_ends_the_check_in_words(
    monkeypatch: pytest.MonkeyPatch, postgres: Postgres, postgres_url: str
) -> None:
    monkeypatch.setenv("IIS_TIMEOUT", "1")

    with postgres.frozen():
        done = check(monkeypatch, postgres_url)

    assert done.exit_code == 1
    assert words(done)[0] == "FAILED"
    assert "no answer in time: does PostgreSQL hang?" in done.output


def test_a_person_who_is_not_there_is_a_failed_step(monkeypatch: pytest.MonkeyPatch, soap: SoapIis) -> None:
    done = check(monkeypatch, soap.url, *ANA[:-1], "360-555-0199")

    assert done.exit_code == 1
    assert done.output.splitlines()[-1].startswith("FAILED test person")


def test_without_a_person_it_says_how_to_name_one(monkeypatch: pytest.MonkeyPatch, soap: SoapIis) -> None:
    done = check(monkeypatch, soap.url)

    assert done.exit_code == 0
    assert "--first --last --born --contact" in done.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(ANA[:4], "needs all of"), ((*ANA[:-1], "555-0100"), "area code"), ((*ANA[:-1], "ana@"), "or an email")],
    ids=["half a person", "no area code", "half an email"],
)
def test_a_person_who_is_not_one_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], sentence: str
) -> None:
    done = check(monkeypatch, "sqlite:///iis.db", *arguments)

    assert done.exit_code == 2
    assert sentence in done.output
