"""A FHIR server that others made: Medplum's router, run by node on loopback. `make test` installs it."""

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fakes.fhir_resources import Resource

FOLDER = Path(__file__).parents[1] / "fhir_server"


@contextmanager
def medplum(resources: Iterable[Resource]) -> Iterator[str]:
    """The address of a server that holds these, in the form of IIS_URL. Skips the test where there is no node."""
    node = shutil.which("node")
    if not node or not (FOLDER / "node_modules").is_dir():
        pytest.skip("no node, or nothing in tests/fhir_server/node_modules: npm ci --prefix tests/fhir_server")
    pipe = subprocess.PIPE
    with subprocess.Popen([node, "server.mjs"], cwd=FOLDER, stdin=pipe, stdout=pipe, text=True) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write("".join(f"{json.dumps(resource)}\n" for resource in resources) + "\n")
        server.stdin.flush()
        yield f"fhir+http://127.0.0.1:{int(server.stdout.readline())}/fhir"
        server.stdin.close()  # which ends it
