"""`vaxtext iis check`: every step in a line, and what is wrong in words."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fakes.certificate import Authority
from fakes.fhir_oauth import FakeOAuth
from fakes.fhir_server import FhirServer, Reply
from fakes.smtp import free_port
from fakes.soap_iis import PAGE, SoapIis
from joserfc.jwk import ECKey
from postgres import Postgres

from bot.cli import cli
from bot.iis.demo_people import demo_people, seed

pytestmark = pytest.mark.usefixtures("nobodys_settings")

PEOPLE = [person.record for person in demo_people()]
ANA = ("--first", "Ana", "--last", "Reyes", "--born", "1985-03-27", "--contact", "(360) 555-0100")


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


def test_the_check_needs_no_setting_but_the_registrys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    seed(f"sqlite:///{tmp_path}/iis.db")

    done = check(monkeypatch, f"sqlite:///{tmp_path}/iis.db", *ANA)

    assert done.exit_code == 0
    assert words(done) == ["ok"] * 6
    assert not (tmp_path / "var").exists()


def test_a_copy_is_made_and_loaded_where_no_other_secret_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("IIS_URL", f"sqlite:///{tmp_path}/iis.db")
    (tmp_path / "people.csv").write_text("person_id,family,given,birth_date,cvx,date\n1,Reyes,Ana,1985-03-27,,\n")

    for arguments in (["upgrade"], ["load", "people.csv"]):
        assert CliRunner().invoke(cli, ["iis", *arguments], catch_exceptions=False).exit_code == 0


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "IIS_URL: missing"),
        ("hl7+http://iis.example.gov/iis", "must go by https"),
        ("postgresql://iis.example.gov/registry", "must go by TLS"),
        ("sqlite:////srv/vaxtext/demo_iis.db", "this is the demo's registry"),
    ],
)
@pytest.mark.parametrize("command", [["check"], ["upgrade"], ["load", "people.csv"]], ids=lambda words: words[0])
def test_production_tries_and_fills_no_registry_that_it_could_not_use(
    monkeypatch: pytest.MonkeyPatch, command: list[str], url: str, sentence: str
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("IIS_URL", url)

    done = CliRunner().invoke(cli, ["iis", *command], catch_exceptions=False)

    assert done.exit_code == 1
    assert sentence in done.output
    assert "SECRET_KEYS" not in done.output


def test_a_client_key_without_its_certificate_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("key")
    monkeypatch.setenv("IIS_CLIENT_KEY", str(tmp_path / "key.pem"))

    assert "IIS_CLIENT_CERT: missing" in check(monkeypatch, "fhir+https://iis.example.gov/r4").output


def test_a_fhir_registry_that_wants_to_know_who_asks_wants_a_client_in_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    oauth = FakeOAuth("vaxtext", secret="secret")
    with FhirServer(PEOPLE, mode="match", oauth=oauth) as server:
        done = check(monkeypatch, server.url.replace("vaxtext:secret@", ""))

    assert done.exit_code == 1
    assert "name a client: fhir+https://CLIENT_ID@host/path" in done.output


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


NASTY = "\x1b]0;owned\x07\u202e\n\rok     everything\r" + "9" * 4000


@pytest.mark.parametrize(
    "segments",
    [
        (f"MSA|{NASTY}|1", f"QAK|{{tag}}|{NASTY}", *[f"ERR||{NASTY}^1^{'9' * 400}|{NASTY}|{NASTY}"] * 50),
        ("MSA|AR|1", "QAK|{tag}|AR", *[f"ERR||PID^1^{'9' * 400}|101|E||||{NASTY}"] * 50),
        ("MSA|AA|1", "QAK|{tag}|OK", *[f"PID|1||{NASTY}||{NASTY}"] * 50),
    ],
    ids=["everywhere", "in complaints", "in people"],
)
@pytest.mark.parametrize("profile", ["Z32", f"{NASTY}"], ids=["a history", "no profile"])
def test_nothing_that_a_registry_writes_reaches_the_terminal(
    monkeypatch: pytest.MonkeyPatch, soap: SoapIis, profile: str, segments: tuple[str, ...]
) -> None:
    header = rf"MSH|^~\&|{NASTY}|{NASTY}|||20240618||RSP^K11^RSP_K11|R1|P|2.5.1|||||||||{profile}^CDCPHINVS"
    nasty = "\r".join((header, *segments)).replace("\x1b", "\ufffd").replace("\x07", "\ufffd")  # as XML has to
    soap.answer(*[nasty] * 3)

    done = check(monkeypatch, soap.url, *ANA)

    assert done.exit_code == 1
    assert done.output.replace("\n", "").isprintable()
    assert not any(word in done.output for word in ("owned", "everything", "9999"))
    assert max(map(len, done.output.splitlines())) < 500


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, {"resourceType": "CapabilityStatement", "fhirVersion": f"4.0{NASTY}", "rest": [{"mode": NASTY}]}),
        Reply(200, {"resourceType": NASTY, "fhirVersion": NASTY}),
        Reply(403, {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": NASTY}]}),
        Reply(302, NASTY.encode(), (("Location", "/owned"),)),
    ],
    ids=["statement", "another kind", "outcome", "moved"],
)
def test_nothing_that_a_fhir_registry_writes_reaches_the_terminal(
    monkeypatch: pytest.MonkeyPatch, reply: Reply
) -> None:
    with FhirServer(PEOPLE) as server:
        server.always("GET metadata", reply)
        done = check(monkeypatch, server.url)

    assert done.exit_code == 1
    assert done.output.replace("\n", "").isprintable()
    assert not any(word in done.output for word in ("owned", "everything", "9999"))


def test_a_token_end_point_with_a_strange_host_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    oauth = FakeOAuth("vaxtext", secret="secret")
    with FhirServer(PEOPLE, oauth=oauth) as server:
        server.always("GET .well-known/smart-configuration", Reply(200, {"token_endpoint": f"http://{'o' * 400}.x/t"}))
        done = check(monkeypatch, server.url)

    assert done.exit_code == 1
    assert "does not say where it gives tokens" in done.output
    assert "oooo" not in done.output


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
