"""What the page /verify runs is what its sources say: the committed bundle is a fresh build, byte for byte."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

REPO = Path(__file__).parent.parent
SOURCES = REPO / "verifier"
BUNDLE = REPO / "bot" / "web" / "static" / "verify.js"


@pytest.fixture
def node() -> str:
    """Skips where npm has not brought the bundler, or fails where VAXTEXT_REQUIRE_BUNDLER=1 wants it there."""
    path = shutil.which("node")
    if path and (SOURCES / "node_modules" / "esbuild").exists():
        return path
    missing = "esbuild is not there: apt-get install nodejs npm; npm ci --prefix verifier"
    if os.environ.get("VAXTEXT_REQUIRE_BUNDLER") == "1":
        pytest.fail(missing)
    pytest.skip(missing)


def test_the_committed_bundle_is_a_fresh_build(node: str, tmp_path: Path) -> None:
    fresh = tmp_path / "verify.js"

    subprocess.run([node, SOURCES / "build.mjs", fresh], check=True, timeout=60)

    assert BUNDLE.read_bytes() == fresh.read_bytes(), "the sources have changed: make verifier"


def test_the_bundle_carries_the_licence_of_what_it_holds() -> None:
    start = BUNDLE.read_text("utf-8")[:2000]

    assert "The MIT License" in start
    assert f"qr {locked('qr')}" in start


def test_the_lock_names_no_registry_and_every_package_by_its_hash() -> None:
    lock = (SOURCES / "package-lock.json").read_text()
    packages = {name: package for name, package in json.loads(lock)["packages"].items() if name}

    assert not re.search(r"https?://(?!opencollective|github|paulmillr)", lock)
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())


def locked(name: str) -> str:
    packages = json.loads((SOURCES / "package-lock.json").read_text())["packages"]
    return str(packages[f"node_modules/{name}"]["version"])
