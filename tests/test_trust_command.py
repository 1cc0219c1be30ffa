"""`vaxtext trust`: the list of other issuers is filled from their web sites, and no bad answer makes it worse."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from fakes.certificate import make_certificate
from fakes.issuer_site import IssuerSite
from vectors.claims import claims_of
from vectors.signing import Key

from bot.cli import cli

pytestmark = pytest.mark.usefixtures("nobodys_settings")

JWKS = "/vax/.well-known/jwks.json"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[IssuerSite]:
    """One whose certificate this machine trusts."""
    certificate, tls = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with IssuerSite(tls) as running:
        yield running


@pytest.fixture
def key() -> Key:
    return Key()


@pytest.fixture
def listed(tmp_path: Path, site: IssuerSite) -> Callable[..., Path]:
    """The file with this one issuer, as VCI's directory would have it, and what else is given."""

    def write(**more: Any) -> Path:
        entry = {"iss": site.iss, "name": "Neighbour", "website": "https://example.org", **more}
        (tmp_path / "trust.json").write_text(json.dumps({"participating_issuers": [entry]}))
        return tmp_path / "trust.json"

    return write


def vaxtext(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], catch_exceptions=False)


def entry_in(file: Path) -> dict[str, Any]:
    (entry,) = json.loads(file.read_text())["participating_issuers"]
    return dict(entry)


def crl_of(key: Key, ctr: int = 1, *rids: str) -> dict[str, Any]:
    return {"kid": key.kid, "method": "rid", "ctr": ctr, "rids": list(rids)}


def test_keys_and_revocation_lists_are_fetched_and_believed(
    site: IssuerSite, key: Key, listed: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.publish({**key.jwk, "crlVersion": 1}, **{key.kid: crl_of(key, 1, "gone")})
    file = listed()

    done = vaxtext("trust", "update", file)

    assert (done.exit_code, done.output.split(" of ")[0]) == (0, f"ok    {site.iss}: 1 keys, 1 revocation lists")
    entry = entry_in(file)
    assert (entry["name"], entry["website"], entry["crls"]) == (
        "Neighbour",
        "https://example.org",
        [crl_of(key, 1, "gone")],
    )
    monkeypatch.setenv("TRUSTED_ISSUERS", str(file))
    assert vaxtext("verify", key.sign(claims_of(site.iss))).exit_code == 0
    assert "REVOKED: Neighbour" in vaxtext("verify", key.sign(claims_of(site.iss, rid="gone"))).output
    told = vaxtext("trust", "list").output
    assert f"{site.iss}  Neighbour: 1 keys, 1 revocation lists of 20" in told
    assert told.endswith(", 0 days old\n")


def test_a_key_that_the_issuer_takes_away_is_believed_no_more(
    site: IssuerSite, key: Key, listed: Callable[..., Path]
) -> None:
    new = Key()
    site.publish(new.jwk)
    file = listed(keys=[key.jwk])

    assert vaxtext("trust", "update", file).exit_code == 0

    assert [held["kid"] for held in entry_in(file)["keys"]] == [new.kid]


@pytest.mark.parametrize(
    ("worse", "words"),
    [
        (lambda site: site.statuses.update({JWKS: 503}), " /.well-known/jwks.json answers 503"),
        (lambda site: site.statuses.update({JWKS: 302}), "answers 302"),
        (lambda site: site.files.update({JWKS: b"<html>"}), "is no JSON"),
        (lambda site: site.files.update({JWKS: b"[" * 100_000}), "is no JSON"),
        (lambda site: site.files.update({JWKS: {"keys": {}}}), "holds no list of keys"),
        (lambda site: site.files.update({JWKS: []}), "holds no list of keys"),
        (lambda site: site.files.clear(), "answers 404"),
        (lambda site: setattr(site, "endless", True), "has more than 16 MB"),
        (lambda site: setattr(site, "silent", True), "did not answer in time"),
    ],
    ids=["503", "redirect", "page", "deep", "no keys", "array", "404", "endless", "silent"],
)
def test_an_issuer_that_is_away_keeps_what_was_known(
    site: IssuerSite, key: Key, listed: Callable[..., Path], worse: Callable[[IssuerSite], None], words: str
) -> None:
    site.publish(key.jwk)
    worse(site)
    file = listed(keys=[key.jwk], updated="2026-01-02T03:04:05+00:00")

    done = vaxtext("trust", "update", "--timeout", "1", file)

    assert "TOO OLD to check cards with" in done.output
    assert done.exit_code == 1
    assert done.output.startswith(f"AWAY  {site.iss}: ")
    assert words in done.output
    assert "what is known stays: 1 keys, 0 revocation lists of 2026-01-02T03:04:05+00:00, " in done.output
    assert [held["kid"] for held in entry_in(file)["keys"]] == [key.kid]


def test_a_certificate_that_nobody_vouches_for_is_said(
    site: IssuerSite, listed: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")

    done = vaxtext("trust", "update", listed())

    assert re.search(r"its certificate is not valid \(.+\); nothing is known of it yet", done.output)
    assert site.asked == []


def test_one_issuer_that_is_away_does_not_keep_the_others_waiting_or_out(
    site: IssuerSite, key: Key, tmp_path: Path
) -> None:
    site.publish(key.jwk)
    away = {"iss": "https://127.0.0.1:1/vax", "name": "Away"}
    file = tmp_path / "trust.json"
    file.write_text(json.dumps({"participating_issuers": [away, {"iss": site.iss, "name": "Neighbour"}]}))

    done = vaxtext("trust", "update", file)

    assert done.exit_code == 1
    assert [line.split()[0] for line in done.output.splitlines()] == ["AWAY", "ok"]
    assert "no connection: Connection refused; nothing is known of it yet" in done.output
    assert "keys" in json.loads(file.read_text())["participating_issuers"][1]


def test_keys_that_break_the_rules_are_left_out_and_named(
    site: IssuerSite, key: Key, listed: Callable[..., Path]
) -> None:
    broken = ({"kid": "mine"}, {"d": "x"}, {"alg": "RS256"}, {"x": "x"})
    site.publish(*({**key.jwk, **fault} for fault in broken), "key", key.jwk)
    file = listed()

    done = vaxtext("trust", "update", file)

    assert done.exit_code == 0
    assert [line.strip() for line in done.output.splitlines()[1:]] == [
        "left out: key 1: kid must be the thumbprint of the key (RFC 7638)",
        "left out: key 2: this is a private key: never write it here, and never use it again",
        "left out: key 3: alg must be ES256",
        "left out: key 4: x and y are no point of P-256",
        "left out: key 5: it is no JWK",
    ]
    assert [held["kid"] for held in entry_in(file)["keys"]] == [key.kid]
    assert '"d"' not in file.read_text()


@pytest.mark.parametrize(
    ("crl", "words"),
    [
        (None, "answers 404"),
        (b"<html>", "is no JSON"),
        ({"kid": "x", "ctr": 2, "rids": []}, "is the list of another key"),
        ({"kid": "x", "ctr": 2, "rids": ["not a rid"]}, "is no revocation list"),
        ({"kid": "x", "method": "magic", "ctr": 2, "rids": []}, "is no revocation list"),
    ],
    ids=["gone", "page", "other", "ids", "method"],
)
def test_a_revocation_list_that_is_away_keeps_its_old_one(
    site: IssuerSite, key: Key, listed: Callable[..., Path], crl: Any, words: str
) -> None:
    site.publish({**key.jwk, "crlVersion": 2}, **({} if crl is None else {key.kid: crl}))
    file = listed(keys=[{**key.jwk, "crlVersion": 1}], crls=[crl_of(key, 1, "gone")])

    done = vaxtext("trust", "update", file)

    assert f"left out: revocation list: /.well-known/crl/{key.kid}.json {words}" in done.output
    assert entry_in(file)["crls"] == [crl_of(key, 1, "gone")]
    assert entry_in(file)["keys"][0]["crlVersion"] == 2


def test_the_keys_of_an_address_can_stand_for_ours(site: IssuerSite, key: Key) -> None:
    site.publish({**key.jwk, "crlVersion": 1}, **{key.kid: crl_of(key, 1, "gone")})
    address = f"https://{site.iss.removeprefix('https://')}/.well-known/jwks.json"

    assert vaxtext("verify", "--jwks", address, key.sign(claims_of(site.iss))).exit_code == 0
    assert "REVOKED" in vaxtext("verify", "--jwks", address, key.sign(claims_of(site.iss, rid="gone"))).output


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (6, ", 6 days old\n"),
        (9, ", 9 days old, TOO OLD to check cards with\n"),
        (None, ", fetched nobody knows when, TOO OLD to check cards with\n"),
    ],
)
def test_the_list_says_how_old_it_is_and_so_does_a_card(
    days: int | None,
    told: str,
    site: IssuerSite,
    key: Key,
    listed: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    updated = {} if days is None else {"updated": (datetime.now(UTC) - timedelta(days=days, hours=1)).isoformat()}
    monkeypatch.setenv("TRUSTED_ISSUERS", str(listed(keys=[key.jwk], **updated)))

    done = vaxtext("trust", "list")

    assert told in done.output
    assert ("vaxtext trust update" in done.output) == ("TOO OLD" in told)
    card = vaxtext("verify", key.sign(claims_of(site.iss)))
    assert ("NOT CHECKED" in card.output) == ("TOO OLD" in told) == (card.exit_code == 1)


def test_without_a_list_only_our_own_cards_are_believed() -> None:
    done = vaxtext("trust", "list")

    assert done.exit_code == 1
    assert "TRUSTED_ISSUERS is not set: only our own cards are believed." in done.output


def test_a_file_that_is_broken_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "trust.json"
    file.write_text('{"participating_issuers": [{"iss": "https://example.org/", "name": "x"}]}')
    before = file.read_text()

    done = vaxtext("trust", "update", file)

    assert done.exit_code == 1
    assert "participating_issuers[0].iss: write the issuer as its cards do" in done.output
    assert file.read_text() == before
