"""What the server gives the page /verify: itself under a strict policy, the issuers, the vaccines' names. No more."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs
from vectors.issuers import Issuers

from bot.cards.crl import Crls
from bot.wiring import System, build_app

OURS = "https://bot.example.org"


@pytest.fixture
def trust_file(tmp_path: Path) -> Path:
    return Issuers().write(tmp_path / "trust.json")


@pytest.fixture
def client(system: System, trust_file: Path) -> FlaskClient:
    settings = system.settings.model_copy(update={"trusted_issuers": trust_file})
    return build_app(replace(system, settings=settings)).test_client()


def issuers(client: FlaskClient) -> list[dict[str, object]]:
    answer = client.get("/verify/trust.json")
    assert answer.status_code == 200
    listed: list[dict[str, object]] = answer.json["participating_issuers"]
    return listed


def test_only_this_page_may_use_the_camera_and_run_a_program(client: FlaskClient) -> None:
    page, another = client.get("/verify"), client.get("/r/gone")

    assert page.headers["Permissions-Policy"] == "camera=(self), geolocation=(), microphone=()"
    assert another.headers["Permissions-Policy"] == "camera=(), geolocation=(), microphone=()"
    policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["form-action"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert {value for name, value in policy.items() if name.endswith("-src")} == {"'none'", "'self'", "'self' data:"}
    assert "script-src" not in another.headers["Content-Security-Policy"]
    assert "<script>" not in page.text
    assert "style=" not in page.text


@pytest.mark.parametrize(
    ("path", "kept"),
    [("/verify", "no-store"), ("/verify/trust.json", "no-cache"), ("/verify/vaccines.json", "no-store")],
)
def test_nothing_is_asked_of_the_reader_and_nothing_of_a_card_kept(client: FlaskClient, path: str, kept: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == kept
    assert "Set-Cookie" not in answer.headers
    assert client.post(path, data={"card": "x"}).status_code == 405


def test_we_are_first_on_the_list_with_the_keys_that_we_publish(client: FlaskClient) -> None:
    ours = issuers(client)[0]

    assert ours["iss"] == OURS
    published = client.get("/.well-known/jwks.json").json["keys"]
    assert [key["kid"] for key in ours["keys"]] == [key["kid"] for key in published]
    assert all(set(key) <= {"kty", "crv", "kid", "x", "y", "crlVersion"} for key in ours["keys"])


def test_others_come_from_the_file_and_a_new_file_is_taken_up_at_once(client: FlaskClient, trust_file: Path) -> None:
    assert [issuer["name"] for issuer in issuers(client)[1:5]] == ["Neighbour", "Careful", "Stale", "Silent"]
    assert issuers(client)[2]["crls"][0]["rids"][0] == "gone"

    new = json.loads(trust_file.read_text())
    new["participating_issuers"] = new["participating_issuers"][:1]
    trust_file.with_suffix(".new").write_text(json.dumps(new))
    trust_file.with_suffix(".new").replace(trust_file)

    assert [issuer["name"] for issuer in issuers(client)[1:]] == ["Neighbour"]


def test_the_list_is_sent_again_only_when_something_in_it_is_new(
    client: FlaskClient, trust_file: Path, system: System
) -> None:
    etag = client.get("/verify/trust.json").headers["ETag"]

    assert client.get("/verify/trust.json").headers["ETag"] == etag
    known = client.get("/verify/trust.json", headers={"If-None-Match": etag})
    assert (known.status_code, known.data, known.headers["Cache-Control"]) == (304, b"", "no-cache")

    (kid,) = (key["kid"] for key in client.get("/.well-known/jwks.json").json["keys"])
    Crls(system.settings.crl_folder).revoke({kid: "gone"}, before=None)
    of_ours = client.get("/verify/trust.json", headers={"If-None-Match": etag})
    assert (of_ours.status_code, of_ours.json["participating_issuers"][0]["crls"][0]["rids"]) == (200, ["gone"])

    trust_file.write_text(trust_file.read_text().replace("Neighbour", "Another"))
    of_others = client.get("/verify/trust.json", headers={"If-None-Match": of_ours.headers["ETag"]})
    assert (of_others.status_code, of_others.json["participating_issuers"][1]["name"]) == (200, "Another")


def test_a_start_warns_of_issuers_whose_cards_cannot_be_checked(system: System, trust_file: Path) -> None:
    settings = system.settings.model_copy(update={"trusted_issuers": trust_file})

    with capture_logs() as logs:
        build_app(replace(system, settings=settings))

    (line,) = [line for line in logs if line["event"] == "trusted_issuers_old"]
    assert (line["log_level"], "https://dated2.example.org/vax" in line["issuers"]) == ("warning", True)
    assert "https://neighbour.example.org/vax" not in line["issuers"]


@pytest.mark.parametrize(
    "broken", ["", "{", '{"participating_issuers": 1}', None], ids=["empty", "cut", "wrong", "gone"]
)
def test_a_file_that_breaks_while_we_run_changes_nothing(
    client: FlaskClient, trust_file: Path, broken: str | None
) -> None:
    before = issuers(client)

    if broken is None:
        trust_file.unlink()
    else:
        trust_file.write_text(broken)

    assert issuers(client) == before


def test_the_names_of_vaccines_are_those_of_the_flow(client: FlaskClient) -> None:
    names = client.get("/verify/vaccines.json").json

    assert (names["208"], names["08"]) == ("Pfizer-BioNTech", names["08"])
    assert len(names) > 200


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("es-MX,es;q=0.9", "es"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK;q=0.5,ko;q=0.9", "ko"),
        ("zh", "zh-Hans"),
        ("fil", "tl"),
        ("fr,xx-yy,*", "en"),
        ("", "en"),
        ("'\"><script>", "en"),
    ],
)
def test_the_page_speaks_the_browser_s_language(client: FlaskClient, wanted: str, language: str) -> None:
    page = client.get("/verify", headers={"Accept-Language": wanted})

    assert f'<html lang="{language}"' in page.text
    assert page.headers["Vary"] == "Accept-Language"


def test_a_language_that_is_chosen_wins(client: FlaskClient) -> None:
    page = client.get("/verify?language=ar", headers={"Accept-Language": "es"})

    assert '<html lang="ar" dir="rtl">' in page.text
