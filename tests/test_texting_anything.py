"""Whatever is texted in whatever order, with repeats, waits, work and faults between: the same things hold.

One reply or a silence that is meant; a known state; nothing private said back or logged; STOP ends all, RESTART begins
anew; a record goes to a contact on it or to nobody, also after all processes were started anew. `make fuzz` tries
thousands of other sequences.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from started_anew import Processes, processes
from texting_anything import FIGURES, Conversations

FOLDER = Path(__file__).parent.parent / "flows" / "vaccine_record"
STEPS = 30


@pytest.fixture(scope="module")
def started() -> Iterator[Processes]:
    with processes(FOLDER) as started:
        yield started


def test_whatever_happens_each_text_gets_its_reply_and_nothing_goes_astray(started: Processes) -> None:
    wording = " ".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("text/*.yaml"))

    default = settings.default or settings()
    try:
        run_state_machine_as_test(
            lambda: Conversations(started, wording),
            settings=settings(
                max_examples=default.max_examples // 2 if default.derandomize else default.max_examples,
                stateful_step_count=STEPS,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        print(*(f"{count} {what}" for what, count in FIGURES.items()), sep=", ")  # noqa: T201 - for `make fuzz`

    assert FIGURES["records sent"]  # or they went nowhere near what matters
    assert FIGURES["restarts"]
