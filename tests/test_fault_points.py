"""Fault points: where tests break us, and nobody else can."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import fault_points
from bot.clock import clock
from bot.fault_points import POINTS, Broken, arm, reach, read_faults

BOT = Path(fault_points.__file__).parent


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    arm(())


def test_every_point_is_on_the_road_once_and_no_other_is() -> None:
    source = "".join(path.read_text() for path in sorted(BOT.rglob("*.py")))

    assert sorted(re.findall(r'\breach\("(\w+)"\)', source)) == sorted(POINTS)


def test_nothing_happens_where_nothing_is_armed() -> None:
    for point in POINTS:
        reach(point)


def test_a_point_breaks_every_so_many_times() -> None:
    arm(read_faults("text_before_load:raise:3, callback_before_change:raise"))

    reached = [_reached("text_before_load") for _ in range(6)]

    assert reached == [True, True, False, True, True, False]
    assert _reached("text_enqueued_before_save")
    assert not _reached("callback_before_change")


def test_a_point_takes_its_time() -> None:
    arm(read_faults("text_before_load:delay"))
    began = time.monotonic()

    reach("text_before_load")

    assert time.monotonic() - began >= fault_points.DELAY


def test_a_point_kills_its_process_and_says_so_first() -> None:
    code = "from bot.fault_points import *; arm(read_faults('text_before_load:kill:2')); reach('text_before_load')"

    alive = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    dead = subprocess.run(
        [sys.executable, "-c", f"{code}; reach('text_before_load')"], capture_output=True, check=False
    )

    assert (alive.returncode, alive.stderr) == (0, b"")
    assert (dead.returncode, dead.stderr) == (-9, b'{"event": "fault_made", "point": "text_before_load"}\n')


@pytest.mark.parametrize(
    "text", ["nowhere:kill", "text_before_load", "text_before_load:kill:0", "text_before_load:die:1"]
)
def test_a_wrong_fault_is_refused_with_the_fix(text: str) -> None:
    with pytest.raises(ValueError, match="write point:kind:every"):
        read_faults(text)


def test_the_clock_is_this_machines_until_a_file_moves_it(tmp_path: Path) -> None:
    moved = tmp_path / "ahead"
    now = clock(moved)

    assert clock(None) is time.time
    assert now() == pytest.approx(time.time(), abs=1)
    moved.write_text("3600")
    assert now() == pytest.approx(time.time() + 3600, abs=1)


def _reached(point: str) -> bool:
    try:
        reach(point)
    except Broken:
        return False
    return True
