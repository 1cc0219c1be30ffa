"""What web and worker print: JSON lines alone, whoever logs, and never a value that may be personal."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.store.sealing import KeyRing
from bot.store.signs import Signs

REPO = Path(__file__).parent.parent
PERSONAL = ("Kowalski", "7391", "+13605550111", "tom@example.org", "12/31/1977", "abcdefghijklmnopqrstuvwxyz")
PROGRAM = """
import logging, sys, threading, warnings
import structlog
from bot.log import set_up_logging
set_up_logging("worker")
name, pin, phone, email, born, token = sys.argv[1:]
structlog.get_logger().info("worker_ready", threads=8)
for library in ("sqlalchemy.engine.Engine", "dramatiq.worker", "gunicorn.error", "twilio", "anything"):
    logger = logging.getLogger(library)
    logger.warning("parameters %s and %r", phone, (name, pin))
    logger.error(f"sent to {phone} or <{email}>, born {born}: https://example.org/r/{token} '{name}'")
    try:
        raise ValueError(f"{name} {pin}")
    except ValueError:
        logger.exception("no luck with %s", name)
warnings.warn(f"deprecated '{name}'")
def fails():
    surname = name
    raise RuntimeError(f"{surname} {phone}")
thread = threading.Thread(target=fails, name="sender-1")
thread.start()
thread.join()
fails()
"""


@pytest.fixture(scope="module")
def printed() -> str:
    ended = subprocess.run(
        [sys.executable, "-W", "default", "-c", PROGRAM, *PERSONAL],
        cwd=REPO,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    return ended.stderr


def test_every_line_is_json_and_says_who_wrote_it_and_when(printed: str) -> None:
    lines = [json.loads(line) for line in printed.splitlines()]

    assert {line["process"] for line in lines} == {"worker"}
    assert all({"event", "level", "timestamp", "version"} <= set(line) for line in lines)
    assert lines[0] | {"timestamp": ""} == {
        "event": "worker_ready",
        "level": "info",
        "process": "worker",
        "threads": 8,
        "timestamp": "",
        "version": lines[0]["version"],
    }


def test_no_line_holds_a_value_of_somebody_elses(printed: str) -> None:
    assert [value for value in PERSONAL if value in printed] == []


def test_what_libraries_say_is_kept_without_its_values(printed: str) -> None:
    lines = [json.loads(line) for line in printed.splitlines()]
    said = [line for line in lines if line["event"] == "library" and line["logger"] == "dramatiq.worker"]

    assert [line["said"] for line in said[:1]] == ["parameters %s and %r"]
    assert said[1]["said"].startswith("sent to … or")
    assert (said[2]["kind"], said[2]["level"]) == ("ValueError", "error")
    assert said[2]["place"].startswith("<string>:")


def test_what_ends_a_process_or_a_thread_is_logged_with_its_place(printed: str) -> None:
    crashes = [line for line in map(json.loads, printed.splitlines()) if line["event"] == "crashed"]

    assert [(crash["kind"], crash["thread"]) for crash in crashes] == [
        ("RuntimeError", "sender-1"),
        ("RuntimeError", "MainThread"),
    ]
    assert all(crash["place"].startswith("<string>:") for crash in crashes)


def test_the_command_for_leaked_log_keys_takes_their_signs_from_old_lines_and_nothing_else(tmp_path: Path) -> None:
    (command,) = re.findall(r"^sed .*$", (REPO / "docs/keys.md").read_text(encoding="utf-8"), re.M)
    signs = [
        Signs(KeyRing({key_id: os.urandom(32)})).of("+13605550111", 1_795_000_000.0)
        for key_id in ("2026-01-05", "2027-01-05")
    ]
    program = "import sys, structlog; from bot.log import set_up_logging; set_up_logging('worker')\n"
    program += "for who in sys.argv[1:]: structlog.get_logger().info('worker_ready', threads=8, who=who)"
    ended = subprocess.run(
        [sys.executable, "-c", program, *signs], cwd=REPO, capture_output=True, text=True, check=True
    )
    (tmp_path / "web.log").write_text(ended.stderr)

    subprocess.run(command, shell=True, cwd=tmp_path, check=True)

    assert (tmp_path / "web.log").read_text() == ended.stderr.replace(signs[0], "")
    assert signs[0] in ended.stderr
