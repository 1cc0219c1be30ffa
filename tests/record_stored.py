"""Writes down what this version of us stores, at the turns of one conversation: `pytest tests/record_stored.py`."""

from pathlib import Path

import orjson
import pytest
from conftest import ANA, Phone, RecordedJobs
from stored import FOLDER, TEXTS, VERSIONS, opened, shape

from bot.jobs import run
from bot.transcripts.app import Clock
from bot.wiring import System

HOUR = 3600.0


@pytest.fixture
def folder() -> Path:
    folder = FOLDER / str(len(VERSIONS) + 1)
    folder.mkdir(parents=True)
    return folder


def test_record(folder: Path, system: System, phone: Phone, jobs: RecordedJobs, clock: Clock) -> None:
    def note(name: str, plain: bytes) -> None:
        pretty = orjson.dumps(orjson.loads(plain), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        (folder / f"{name}.json").write_bytes(pretty)

    def note_session(name: str) -> None:
        note(f"session_{name}", opened(system, system.services.sessions.key(ANA)))

    phone.text(*TEXTS[:4])
    note_session("asked")
    phone.text(*TEXTS[4:])
    note_session("waiting")
    note("work", orjson.dumps({"id": jobs.queued[0][1]}))
    for job in jobs.queued:
        run(system.services, *job)
    note_session("done")
    (delivery_id,) = (name.decode() for name in system.client.zrange("vt:due", 0, -1))
    note("delivery_ready", opened(system, f"vt:d:{delivery_id}"))
    clock.wait(HOUR)
    phone.text("Hi", "1", "Ana")
    clock.wait(HOUR)
    phone.text("Hi")
    note_session("left")
    note("shape", orjson.dumps(shape()))
