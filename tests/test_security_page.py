"""What docs/security.md calls shown is shown: the tests and commands that it names are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
ATTACKS = PAGE.split("## Attacks and controls")[1].split("\n## ")[0]
ROWS = [line for line in ATTACKS.splitlines() if line.startswith("| ")][1:]


def test_every_attack_has_something_that_shows_its_control() -> None:
    assert len(ROWS) > 20
    assert [row for row in ROWS if not re.search(r"`(test_\w+|make \w)", row.rsplit("|", 2)[1])] == []


def test_every_test_that_it_names_is_there() -> None:
    files = list((ROOT / "tests").rglob("test_*.py"))
    known = {name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.M)}

    named = set(re.findall(r"`(test_\w+(?:\.py)?)`", PAGE))

    assert named
    assert named - known - {file.name for file in files} == set()


def test_every_command_that_it_names_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))

    assert set(re.findall(r"`make ([a-z-]+)`", PAGE)) <= targets
