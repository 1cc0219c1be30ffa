"""Web and worker side by side: real commands, real signals."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from fakes.until import until

REPO = Path(__file__).parent.parent
SUPERVISOR = """
import json, os, sys
from pathlib import Path
from bot import keeper
from bot.processes import run_all

keeper.PATIENCE = 1.0
folder, commands = Path(sys.argv[1]), json.loads(sys.argv[2])
env = os.environ | {"PLACE": "Sacramento"}
ready = lambda: len(list(folder.iterdir())) == len(commands)
sys.exit(run_all(commands, env=env, ready=ready, on_ready=lambda: print("ready", flush=True)))
"""
CHILD = """
import os, signal, sys, time
def sign_in():
    open(os.path.join(sys.argv[1], str(os.getpid())), "w").close()
"""
WAITS = "sign_in(); time.sleep(60)"
TIDIES_UP = "signal.signal(15, lambda *_: sys.exit(print('tidied up', flush=True))); " + WAITS
DEAF = "signal.signal(15, signal.SIG_IGN); " + WAITS
FORKS = "os.fork(); " + WAITS
FAILS = "sys.exit(3)"
TELLS_ITS_PLACE = "print('in', os.environ['PLACE'], flush=True); " + WAITS


class Supervisor:
    """run_all in another process, with one child for each program; each child signs in with its id."""

    def __init__(self, folder: Path, **programs: str) -> None:
        commands = {n: [sys.executable, "-c", CHILD + text, str(folder)] for n, text in programs.items()}
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, str(folder), json.dumps(commands)],
            cwd=REPO,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a foreground job of its own, as in a terminal
        )

    def children(self, count: int) -> list[int]:
        """Wait until so many have signed in, and return their process ids."""
        until(lambda: len(list(self.folder.iterdir())) == count)
        return [int(entry.name) for entry in self.folder.iterdir()]

    def result(self) -> tuple[int, str, str]:
        """Wait for its end, and return status, standard output and standard error."""
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Supervisor]]:
    started: list[Supervisor] = []

    def start(**programs: str) -> Supervisor:
        started.append(Supervisor(tmp_path, **programs))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()


def gone(processes: list[int]) -> bool:
    return not any(psutil.pid_exists(process) for process in processes)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_asked_to_stop_it_lets_the_children_tidy_up_and_returns_0(supervise, number):
    demo = supervise(web=TIDIES_UP, worker=TIDIES_UP)
    children = demo.children(2)

    demo.process.send_signal(number)
    status, out, err = demo.result()

    assert (status, err) == (0, "")
    assert out.count("tidied up") == 2
    assert gone(children)


def test_ctrl_c_in_the_terminal_reaches_the_children_once_through_us(supervise):
    demo = supervise(web=TIDIES_UP, worker=TIDIES_UP)
    children = demo.children(2)

    os.killpg(demo.process.pid, signal.SIGINT)  # what the terminal does
    status, out, err = demo.result()

    assert (status, err) == (0, "")  # no KeyboardInterrupt of a child
    assert out.count("tidied up") == 2
    assert gone(children)


def test_it_says_once_that_all_is_ready(supervise):
    demo = supervise(web=WAITS, worker=WAITS)
    demo.children(2)

    said = demo.process.stdout.readline()
    demo.process.terminate()
    _, out, _ = demo.result()

    assert said == "ready\n"
    assert "ready" not in out


def test_a_child_that_fails_ends_the_others_and_is_named(supervise):
    demo = supervise(web=WAITS, worker=FAILS)

    status, _, err = demo.result()

    assert status == 1
    assert "worker ended by itself with status 3" in err
    until(lambda: gone([int(entry.name) for entry in demo.folder.iterdir()]))


def test_a_command_that_does_not_exist_is_named(tmp_path):
    command = [sys.executable, "-c", SUPERVISOR, str(tmp_path), json.dumps({"web": ["/no/such/gunicorn"]})]

    done = subprocess.run(command, check=False, cwd=REPO, capture_output=True, text=True)

    assert done.returncode == 1
    assert "No such file or directory: '/no/such/gunicorn'" in done.stderr
    assert "web ended by itself with status 127" in done.stderr


def test_a_killed_child_leaves_no_forks_behind(supervise):
    demo = supervise(web=FORKS)
    children = demo.children(2)
    parent = next(child for child in children if psutil.Process(child).ppid() not in children)

    os.kill(parent, signal.SIGKILL)
    status, _, err = demo.result()

    assert status == 1
    assert "web ended by itself with status 137" in err
    until(lambda: gone(children))


def test_a_child_that_does_not_listen_is_killed_when_patience_is_over(supervise):
    demo = supervise(web=DEAF, worker=WAITS)
    children = demo.children(2)

    demo.process.terminate()
    status, _, _ = demo.result()

    assert status == 0
    until(lambda: gone(children))


def test_the_children_end_when_the_supervisor_is_killed_outright(supervise):
    demo = supervise(web=DEAF, worker=WAITS)
    children = demo.children(2)

    demo.process.kill()

    until(lambda: gone(children))


def test_children_get_the_environment_and_the_terminal(supervise):
    demo = supervise(web=TELLS_ITS_PLACE)
    demo.children(1)

    demo.process.terminate()
    _, out, _ = demo.result()

    assert "in Sacramento" in out
