"""Readers of SMART Health Cards that others made. `make test` installs them in tests/card_readers."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from healthcards import parser

FOLDER = Path(__file__).parents[1] / "card_readers"


@contextmanager
def kill_the_clipboard() -> Iterator[Callable[[str, str], str]]:
    """Asks npm's reader what it says of a card of an issuer: "valid", or the code of its error.

    It fetches the issuer's keys and revocation lists for each card. Without node the test is skipped, or fails where
    VAXTEXT_REQUIRE_CARD_READERS=1 says that it must be there.
    """
    node = shutil.which("node")
    if not node or not (FOLDER / "node_modules").is_dir():
        missing = "no node, or nothing in tests/card_readers/node_modules: npm ci --prefix tests/card_readers"
        (pytest.fail if os.environ.get("VAXTEXT_REQUIRE_CARD_READERS") == "1" else pytest.skip)(missing)
    pipe = subprocess.PIPE
    command = [str(node), "kill_the_clipboard.mjs"]
    with subprocess.Popen(command, cwd=FOLDER, stdin=pipe, stdout=pipe, text=True) as reader:

        def ask(issuer: str, jws: str) -> str:
            assert reader.stdin
            assert reader.stdout
            reader.stdin.write(json.dumps({"issuer": issuer, "jws": jws}) + "\n")
            reader.stdin.flush()
            says: str = json.loads(reader.stdout.readline())["says"]
            return says

        yield ask
        assert reader.stdin
        reader.stdin.close()  # which ends it


def healthcards_verifies(jws: str) -> bool:
    """Whether PyPI's healthcards finds the signature right, by the keys that it fetches from the card's issuer."""
    try:
        return bool(parser.JWS(jws).verified)
    except parser.jws.InvalidJWSSignature:
        return False
