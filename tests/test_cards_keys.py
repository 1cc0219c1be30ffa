"""The key ring makes one first key whoever starts it, keeps it private, and publishes every public half."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from joserfc.jwk import ECKey

from bot.cards.keys import list_keys, load_or_create, new_key

START = """
import sys
from pathlib import Path
from bot.cards.keys import load_or_create
print("ready", flush=True)
sys.stdin.readline()
print(load_or_create(Path(sys.argv[1])).signing.thumbprint())
"""


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "var" / "card_keys"


def test_the_first_start_makes_a_key_and_the_second_finds_it(folder):
    first = load_or_create(folder)
    second = load_or_create(folder)

    assert first.signing.thumbprint() == second.signing.thumbprint()
    assert [path.name for path in folder.glob("*.jwk")] == [f"{first.signing.thumbprint()}.jwk"]


def test_only_the_owner_may_read_the_keys(folder):
    load_or_create(folder)

    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_processes_that_start_together_sign_with_one_key(folder):
    command = [sys.executable, "-c", START, str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(4)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"

    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    kids = {process.communicate(timeout=60)[0].strip() for process in processes}

    assert kids == {key.kid for key in list_keys(folder)}
    assert len(kids) == 1


def test_threads_that_start_together_sign_with_one_key(folder):
    gate = Barrier(16)

    def start(_):
        gate.wait()
        return load_or_create(folder).signing.thumbprint()

    with ThreadPoolExecutor(16) as pool:
        kids = set(pool.map(start, range(16)))

    assert len(kids) == 1
    assert len(list_keys(folder)) == 1


def test_a_new_key_is_published_at_once_and_signs_after_the_next_start(folder):
    running = load_or_create(folder)
    old = running.signing.thumbprint()

    added = new_key(folder)

    assert [key["kid"] for key in running.public_jwks()["keys"]] == [added.kid, old]
    assert running.signing.thumbprint() == old
    assert load_or_create(folder).signing.thumbprint() == added.kid


def test_keys_are_listed_the_oldest_first(folder):
    made = [new_key(folder).kid for _ in range(5)]

    assert [key.kid for key in list_keys(folder)] == made


def test_the_jwks_holds_exactly_the_public_fields(folder):
    ring = load_or_create(folder)
    new_key(folder)

    for jwk in ring.public_jwks()["keys"]:
        assert jwk.keys() == {"kty", "crv", "use", "alg", "kid", "x", "y"}
        assert (jwk["kty"], jwk["crv"], jwk["use"], jwk["alg"]) == ("EC", "P-256", "sig", "ES256")
        assert jwk["kid"] == ECKey.import_key(jwk).thumbprint()


def test_the_private_part_stays_out_of_jwks_and_repr(folder):
    ring = load_or_create(folder)
    secrets = [key.jwk["d"] for key in list_keys(folder)]

    shown = json.dumps(ring.public_jwks()) + repr(ring) + repr(list_keys(folder))

    assert all(secret not in shown for secret in secrets)


@pytest.mark.parametrize("spoil", ["text", "public", "renamed", "dateless", "other curve"])
def test_a_file_that_is_no_card_key_stops_the_start_and_is_named_without_its_content(folder, spoil):
    key = new_key(folder)
    path = folder / f"{key.kid}.jwk"
    if spoil == "other curve":
        path.write_text(json.dumps({**key.jwk, **ECKey.generate_key("P-384").as_dict(private=True)}))
    elif spoil == "renamed":
        path = path.rename(folder / "other.jwk")
    elif spoil == "text":
        path.write_text(key.jwk["d"])
    else:
        path.write_text(json.dumps({**key.jwk, {"public": "d", "dateless": "created"}[spoil]: None}))

    with pytest.raises(ValueError, match="key") as error:
        load_or_create(folder)

    assert str(path) in str(error.value)
    assert key.jwk["d"] not in str(error.value)
    assert error.value.__suppress_context__ or not error.value.__context__


def test_a_folder_without_keys_lists_none(folder):
    assert list_keys(folder) == []
