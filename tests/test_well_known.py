"""Readers find keys and revocation lists where they look, from any web page, and keep them as long as is right."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from conftest import PUBLIC_URL
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.cards.crl import Crls
from bot.cards.jwks import KEPT
from bot.cards.keys.folder import new_key
from bot.wiring import System, build_app

JWKS = "/.well-known/jwks.json"


@pytest.fixture
def crl(client: FlaskClient) -> str:
    """The path of the revocation list of the key that signs."""
    (jwk,) = client.get(JWKS).json["keys"]
    return f"/.well-known/crl/{jwk['kid']}.json"


def key_folder(system: System) -> Path:
    return system.settings.card_keys_folder


def revoke(system: System, client: FlaskClient) -> None:
    kids = [jwk["kid"] for jwk in client.get(JWKS).json["keys"]]
    Crls(system.settings.crl_folder).revoke(dict.fromkeys(kids, "AAAAAAAAAAA"), 1_800_000_000)


def is_open_to_all(answer: TestResponse) -> bool:
    headers = answer.headers
    return (headers["Access-Control-Allow-Origin"], headers["Cross-Origin-Resource-Policy"]) == ("*", "cross-origin")


def test_the_keys_hold_exactly_what_a_reader_needs(client: FlaskClient) -> None:
    answer = client.get(JWKS)

    (jwk,) = answer.json["keys"]
    assert answer.content_type == "application/json"
    assert jwk.keys() == {"kty", "crv", "use", "alg", "kid", "x", "y", "crlVersion"}
    assert (jwk["kty"], jwk["crv"], jwk["use"], jwk["alg"]) == ("EC", "P-256", "sig", "ES256")


def test_the_list_of_a_key_is_as_the_specification_has_it(client: FlaskClient, system: System, crl: str) -> None:
    kid = crl.rpartition("/")[2].removesuffix(".json")
    assert client.get(crl).json == {"kid": kid, "method": "rid", "ctr": 1, "rids": []}

    revoke(system, client)

    assert client.get(crl).json == {"kid": kid, "method": "rid", "ctr": 2, "rids": ["AAAAAAAAAAA.1800000000"]}
    assert client.get(JWKS).json["keys"][0]["crlVersion"] == 2


@pytest.mark.parametrize("kid", ["A" * 43, "..", "%2e%2e%2fx", "a/b", "*"])
def test_there_is_no_list_of_another_key(kid: str, client: FlaskClient) -> None:
    answer = client.get(f"/.well-known/crl/{kid}.json")

    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_keys_may_be_kept_as_long_as_the_rotation_waits_and_lists_are_asked_for_anew(
    client: FlaskClient, crl: str
) -> None:
    assert client.get(JWKS).headers["Cache-Control"] == f"public, max-age={KEPT}"
    assert client.get(crl).headers["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize("which", ["keys", "list"])
def test_who_has_the_newest_already_gets_304_until_it_changes(
    which: str, client: FlaskClient, system: System, crl: str
) -> None:
    path = JWKS if which == "keys" else crl
    first = client.get(path)
    held = {"If-None-Match": first.headers["ETag"]}

    again = client.get(path, headers=held)
    revoke(system, client)
    later = client.get(path, headers=held)

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert is_open_to_all(again)
    assert later.status_code == 200
    assert later.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize("which", ["keys", "list"])
def test_browsers_of_others_may_ask(which: str, client: FlaskClient, crl: str) -> None:
    path = JWKS if which == "keys" else crl
    asks = {
        "Origin": "https://verifier.example.org",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
    }

    got, head = client.get(path), client.head(path)
    allowed = client.options(path, headers=asks)

    assert all(is_open_to_all(answer) for answer in (got, head, allowed))
    assert got.headers["Access-Control-Expose-Headers"] == "ETag"
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", got.headers["ETag"])
    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert allowed.headers["Access-Control-Allow-Headers"] == "*"
    assert client.post(path).status_code == 405


def test_a_new_key_is_published_without_a_restart(client: FlaskClient, system: System) -> None:
    client.get(JWKS)

    added = new_key(key_folder(system))

    assert client.get(JWKS).json["keys"][0]["kid"] == added.kid
    assert client.get(f"/.well-known/crl/{added.kid}.json").json["ctr"] == 1


def test_they_are_under_the_path_of_the_issuer_too(system: System) -> None:
    issuer = f"{PUBLIC_URL}/vaccines"
    settings = system.settings.model_copy(update={"card_issuer": issuer})
    client = build_app(replace(system, settings=settings)).test_client()

    found = client.get(f"/vaccines{JWKS}")

    assert found.json == client.get(JWKS).json
    assert is_open_to_all(found)
    assert client.get(f"/vaccines/.well-known/crl/{found.json['keys'][0]['kid']}.json").status_code == 200


@pytest.mark.parametrize(
    ("issuer", "said"),
    [(PUBLIC_URL, []), (f"{PUBLIC_URL}/vaccines", []), ("https://cards.example.gov/v1", ["issuer_is_another_host"])],
)
def test_the_start_says_when_the_issuer_is_another_host(issuer: str, said: list[str], system: System) -> None:
    settings = system.settings.model_copy(update={"card_issuer": issuer})

    with structlog.testing.capture_logs() as logged:
        build_app(replace(system, settings=settings))

    assert [line["event"] for line in logged] == said
    assert all(re.fullmatch(r"https://cards.example.gov/v1/\.well-known/", line["must_lead_here"]) for line in logged)
