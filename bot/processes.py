"""Runs a few commands side by side: they start together, and when one ends all end."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

import click

from bot import keeper

Running = Mapping[str, subprocess.Popen[bytes]]
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_all(
    commands: Mapping[str, list[str]],
    *,
    env: Mapping[str, str],
    ready: Callable[[], bool],
    on_ready: Callable[[], None],
) -> int:
    """Run the named commands until somebody asks to stop (Ctrl-C, SIGTERM) or one of them ends.

    Calls `on_ready` once, as soon as `ready` says yes. Returns 0 when asked to stop, 1 when a command ended
    by itself. Needs the main thread. The commands end with this process, also when it is killed.
    """
    with _stop_signals() as received:
        running = {name: keeper.start(command, env=env) for name, command in commands.items()}
        try:
            return _watch(running, received, ready, on_ready)
        finally:
            _end(running.values())


@contextlib.contextmanager
def _stop_signals() -> Iterator[list[int]]:
    received: list[int] = []
    before = {number: signal.signal(number, lambda n, _: received.append(n)) for number in STOP_SIGNALS}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch(running: Running, received: list[int], ready: Callable[[], bool], on_ready: Callable[[], None]) -> int:
    announced = False
    while not received:
        for name, process in running.items():
            if (status := process.poll()) is not None:
                click.echo(f"{name} ended by itself with status {status}, so everything ends.", err=True)
                return 1
        if not announced and ready():
            announced = True
            on_ready()
        time.sleep(keeper.TICK)
    return 0


def _end(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()  # each keeper knows when its patience is over
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # what a killed command left behind
