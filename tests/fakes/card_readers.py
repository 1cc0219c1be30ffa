"""Readers of SMART Health Cards that others made. `make test` installs them in tests/card_readers."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from healthcards import parser

FOLDER = Path(__file__).parents[1] / "card_readers"


@contextmanager
def kill_the_clipboard() -> Iterator[Callable[[str, str], str]]:
    """Asks npm's reader what it says of a card of an issuer: "valid", or the code of its error.

    It fetches the issuer's keys and revocation lists for each card.
    """
    with asking("kill_the_clipboard.mjs") as ask:
        yield lambda issuer, jws: str(ask({"issuer": issuer, "jws": jws})["says"])


@contextmanager
def asking(script: str) -> Iterator[Callable[[Any], Any]]:
    """Asks a script in tests/card_readers: a line of JSON goes in, a line comes out."""
    node = shutil.which("node")
    if not node or not (FOLDER / "node_modules").is_dir():
        missing("no node, or nothing in tests/card_readers/node_modules: npm ci --prefix tests/card_readers")
    pipe = subprocess.PIPE
    with subprocess.Popen([str(node), script], cwd=FOLDER, stdin=pipe, stdout=pipe, text=True) as reader:

        def ask(question: Any) -> Any:
            assert reader.stdin
            assert reader.stdout
            reader.stdin.write(json.dumps(question) + "\n")
            reader.stdin.flush()
            return json.loads(reader.stdout.readline())

        yield ask
        assert reader.stdin
        reader.stdin.close()  # which ends it


def missing(what: str) -> NoReturn:
    """Skip the test, or fail it where VAXTEXT_REQUIRE_CARD_READERS=1 says that every reader must be there."""
    if os.environ.get("VAXTEXT_REQUIRE_CARD_READERS") == "1":
        pytest.fail(what)
    pytest.skip(what)


def healthcards_verifies(jws: str) -> bool:
    """Whether PyPI's healthcards finds the signature right, by the keys that it fetches from the card's issuer."""
    try:
        return bool(parser.JWS(jws).verified)
    except parser.jws.InvalidJWSSignature:
        return False
