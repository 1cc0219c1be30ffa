"""Runs a command that ends when its owner does, however the owner died."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import IO

PATIENCE = 10.0  # seconds from SIGTERM to SIGKILL
TICK = 0.05


def start(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    door: Path | None = None,
    output: IO[bytes] | None = None,
    pass_fds: Collection[int] = (),
) -> subprocess.Popen[bytes]:
    """Start the command, out of Ctrl-C's reach, under a keeper of its own, and return the keeper.

    SIGTERM to the keeper ends the command; the keeper's exit status is the command's. `door` is a file that
    is removed before the command is ended, so that nobody new comes in. The command gets `pass_fds` too.

    The keeper is a small process in between that looks who its parent is. Nothing else works everywhere:
    the end of a pipe stays open in every child that the owner forks, such as gunicorn's workers, and Linux's
    PR_SET_PDEATHSIG fires when the thread that started the child ends.
    """
    keeper = [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(PATIENCE), str(door or "")]
    return subprocess.Popen(  # noqa: S603 (no shell, and the commands are our own)
        [*keeper, *command],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=pass_fds,
        start_new_session=True,
    )


def _keep(owner: int, patience: float, door: str, command: Sequence[str]) -> int:
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    try:
        child = subprocess.Popen(command, close_fds=False)  # noqa: S603
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 127
    while child.poll() is None and not asked and os.getppid() == owner:
        time.sleep(TICK)
    if child.poll() is None:
        _end(child, patience, door)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _end(child: subprocess.Popen[bytes], patience: float, door: str) -> None:
    if door:
        with contextlib.suppress(OSError):
            os.unlink(door)
    child.terminate()
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(0, signal.SIGKILL)  # the command, what it started, and this keeper


if __name__ == "__main__":
    sys.exit(_keep(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3], sys.argv[4:]))
