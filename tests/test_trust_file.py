"""The file of TRUSTED_ISSUERS: what is wrong with it is said at start, with the place and what to do."""

import json
from pathlib import Path
from typing import Any

import pytest
from vectors.signing import Key

from bot.cards.trust import TrustBroken, check_iss, read_directory
from bot.cards.trust_file import check_trust_file, open_trust_file
from bot.config import SettingsWrong, read_settings

KEY = Key().jwk
ISSUER = {"iss": "https://example.org/vax", "name": "Example", "keys": [KEY]}
CRL = {"kid": KEY["kid"], "method": "rid", "ctr": 1, "rids": []}


def listed(*issuers: Any) -> str:
    return json.dumps({"participating_issuers": issuers})


def test_what_the_directory_of_vci_holds_besides_is_no_harm() -> None:
    entry = {
        **ISSUER,
        "canonical_iss": "https://example.org",
        "website": "https://example.org/help",
        "issuer_type": "state",
    }

    (issuer,) = read_directory(listed(entry)).participating_issuers

    assert (issuer.iss, issuer.name, issuer.website) == (
        "https://example.org/vax",
        "Example",
        "https://example.org/help",
    )


@pytest.mark.parametrize(
    ("issuer", "told"),
    [
        ({"name": "x"}, "participating_issuers[0].iss: Field required"),
        ({"iss": "https://example.org"}, "participating_issuers[0].name: Field required"),
        ({**ISSUER, "name": ""}, "participating_issuers[0].name: String should have at least 1 character"),
        ({**ISSUER, "iss": "http://example.org"}, "participating_issuers[0].iss: write the issuer as its cards do"),
        ({**ISSUER, "iss": "https://example.org/"}, "without a slash at the end"),
        ({**ISSUER, "iss": "https://example.org?a"}, "write the issuer"),
        ({**ISSUER, "keys": [{**KEY, "crv": "P-384"}]}, "participating_issuers[0].keys[0]: crv must be P-256"),
        (
            {**ISSUER, "keys": [KEY, {**KEY, "kid": "x"}]},
            "participating_issuers[0].keys[1]: kid must be the thumbprint",
        ),
        ({**ISSUER, "keys": [{**KEY, "d": "x"}]}, "this is a private key"),
        ({**ISSUER, "keys": [{**KEY, "y": KEY["x"]}]}, "x and y are no point of P-256"),
        ({**ISSUER, "keys": [{**KEY, "crlVersion": "1"}]}, "crlVersion must be a number"),
        ({**ISSUER, "crls": [{**CRL, "rids": ["x" * 25]}]}, "participating_issuers[0].crls[0].rids[0]: "),
        ({**ISSUER, "crls": [{**CRL, "method": "other"}]}, "participating_issuers[0].crls[0].method: "),
        ("x", "participating_issuers[0]: "),
    ],
)
def test_what_is_wrong_is_told_with_its_place(issuer: Any, told: str) -> None:
    with pytest.raises(TrustBroken) as caught:
        read_directory(listed(issuer))

    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_issuer_is_there_once() -> None:
    with pytest.raises(TrustBroken, match=r"https://example.org/vax is there twice; remove one"):
        read_directory(listed(ISSUER, ISSUER))


def test_the_first_of_many_faults_is_told_with_their_number() -> None:
    with pytest.raises(TrustBroken, match=r"participating_issuers\[0\].*\(and 2 more\)"):
        read_directory(listed({"iss": "x"}, {**ISSUER, "name": 1}))


@pytest.mark.parametrize("iss", ["https://a", "https://a.example/b/c", "https://a.example:8443"])
def test_an_issuer_is_an_https_address(iss: str) -> None:
    assert check_iss(iss) == iss


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read: No such file or directory"),
        ("", "no JSON: EOF"),
        ("[]", "the file: Input should be an object"),
        ("{}", "participating_issuers: Field required"),
        (listed(), "holds no key of any issuer; fetch them with 'vaxtext trust update "),
        (listed({"iss": "https://example.org", "name": "x"}), "holds no key of any issuer"),
        ("[" * 100_000, "no JSON: recursion limit"),
    ],
    ids=["missing", "empty", "array", "object", "nobody", "no keys", "deep"],
)
def test_a_start_with_a_broken_file_stops_with_a_sentence(tmp_path: Path, content: str | None, told: str) -> None:
    file = tmp_path / "trust.json"
    if content is not None:
        file.write_text(content)

    with pytest.raises(SettingsWrong) as caught:
        read_settings({"trusted_issuers": str(file)})

    assert str(caught.value).startswith(f"TRUSTED_ISSUERS: {file}")
    assert told in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_a_file_beyond_every_directory_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(1_000_000_000)

    with pytest.raises(TrustBroken, match="more than 32 MB"):
        open_trust_file(tmp_path / "huge.json")


def test_a_good_file_starts(tmp_path: Path) -> None:
    file = tmp_path / "trust.json"
    file.write_text(listed(ISSUER, {"iss": "https://other.example.org", "name": "not fetched yet"}))

    check_trust_file(file)

    assert read_settings({"trusted_issuers": str(file)}).trusted_issuers == file
    assert read_settings({"trusted_issuers": ""}).trusted_issuers is None
