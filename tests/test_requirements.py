"""What is installed is what was looked at: every package, also those that others need, in one version with hashes."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAMES = ("requirements", "requirements-dev", "requirements-bench", "requirements-supply")
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s;\\]+)", re.M)


def pins(path: Path) -> dict[str, str]:
    found = PIN.findall(path.read_text(encoding="utf-8"))
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


@pytest.mark.parametrize("name", NAMES)
def test_every_package_is_locked_with_a_hash(name: str) -> None:
    locked = (ROOT / f"{name}.txt").read_text(encoding="utf-8")

    entries = [entry for entry in re.split(r"\n(?=\S)", locked.strip()) if entry]

    assert entries
    assert [entry for entry in entries if not PIN.match(entry) or "--hash=sha256:" not in entry] == []
    assert "://" not in locked


@pytest.mark.parametrize("name", NAMES)
def test_the_lock_holds_what_is_asked_for(name: str) -> None:
    """After a change in a .in file: make lock."""
    asked, locked = pins(ROOT / f"{name}.in"), pins(ROOT / f"{name}.txt")

    assert asked
    assert asked.items() <= locked.items()


@pytest.mark.parametrize("name", NAMES[1:])
def test_no_lock_takes_another_version_than_what_runs(name: str) -> None:
    runs, beside = pins(ROOT / "requirements.txt"), pins(ROOT / f"{name}.txt")

    assert {package: (runs[package], beside[package]) for package in runs.keys() & beside.keys()} == {
        package: (runs[package], runs[package]) for package in runs.keys() & beside.keys()
    }
