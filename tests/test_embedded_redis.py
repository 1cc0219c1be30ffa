"""The Redis of our own: real servers, real owners, real kills."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import redis
from fakes.until import until

from bot.store import embedded
from bot.store.embedded import EmbeddedRedis, RedisDidNotStart

REPO = Path(__file__).parent.parent
OWNER = """
import json, os, sys, time
from pathlib import Path
from bot.store.embedded import EmbeddedRedis

ours = EmbeddedRedis(Path(sys.argv[1]))
ours.start()
fork = os.fork() if "fork" in sys.argv else -1  # like a worker of gunicorn
if fork == 0:
    ours.stop()
if fork != 0:
    print(json.dumps({"url": ours.url, "fork": fork}), flush=True)
time.sleep(60)
"""


class Owner:
    """Another process that runs an EmbeddedRedis."""

    def __init__(self, folder: Path, *words: str) -> None:
        command = [sys.executable, "-c", OWNER, str(folder), *words]
        self.process = subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True)
        said = json.loads(self.process.stdout.readline())
        self.url, self.fork = said["url"], said["fork"]
        self.server = ask(self.url, lambda client: client.info("server")["process_id"])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Callable[..., Owner]]:
    owners: list[Owner] = []

    def start(*words: str) -> Owner:
        owners.append(Owner(tmp_path / "redis", *words))
        return owners[-1]

    yield start
    for each in owners:
        each.kill()
        until(lambda each=each: not psutil.pid_exists(each.server))


def ask(url: str, question: Callable[[redis.Redis], object]) -> object:
    with redis.Redis.from_url(url) as client:
        return question(client)


def test_it_answers_as_soon_as_it_has_started(tmp_path):
    with EmbeddedRedis(tmp_path / "redis") as ours:
        assert ask(ours.url, lambda client: client.ping())


def test_what_was_written_is_there_after_a_stop_and_a_start(tmp_path):
    with EmbeddedRedis(tmp_path / "redis") as ours:
        ask(ours.url, lambda client: client.set("greeting", "hello"))

    with EmbeddedRedis(tmp_path / "redis") as ours:
        assert ask(ours.url, lambda client: client.get("greeting")) == b"hello"


def test_it_writes_every_change_to_its_folder_and_forgets_nothing_when_memory_is_short(tmp_path):
    with EmbeddedRedis(tmp_path / "redis") as ours:
        settings = ask(ours.url, lambda client: client.config_get("*"))

    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "everysec"
    assert settings["save"] == ""
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["dir"] == str(tmp_path / "redis")


def test_nobody_else_on_the_machine_gets_in_and_nothing_listens_on_the_network(tmp_path):
    with EmbeddedRedis(tmp_path / "redis") as ours:
        port = ask(ours.url, lambda client: client.config_get("port"))["port"]

        assert port == "0"
        assert (tmp_path / "redis").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "redis" / "redis.sock").stat().st_mode & 0o777 == 0o700


def test_stop_ends_the_server(tmp_path):
    with EmbeddedRedis(tmp_path / "redis") as ours:
        server = ask(ours.url, lambda client: client.info("server")["process_id"])

    assert not psutil.pid_exists(server)


def test_an_owner_killed_outright_takes_the_server_with_her(owner):
    killed = owner()

    killed.kill()

    until(lambda: not psutil.pid_exists(killed.server))


def test_a_fork_neither_stops_the_server_nor_keeps_it_alive(owner):
    killed = owner("fork")
    assert ask(killed.url, lambda client: client.ping())

    killed.kill()

    until(lambda: not psutil.pid_exists(killed.server))
    os.kill(killed.fork, signal.SIGKILL)  # it was still there


def test_a_start_right_after_a_kill_finds_all_that_was_written(owner):
    killed = owner()
    for number in range(1000):
        ask(killed.url, lambda client, number=number: client.rpush("numbers", number))

    killed.kill()
    again = owner()

    assert again.server != killed.server
    assert ask(again.url, lambda client: client.llen("numbers")) == 1000


def test_nobody_joins_a_server_whose_owner_is_dead(owner, tmp_path, monkeypatch):
    killed = owner()
    late = EmbeddedRedis(tmp_path / "redis")
    keeper = psutil.Process(killed.server).parent()
    keeper.suspend()  # it has not seen yet that its owner is gone
    try:
        killed.kill()
        monkeypatch.setattr(embedded, "START_SECONDS", 0.1)
        with pytest.raises(RedisDidNotStart):
            late.start()
        assert ask(killed.url, lambda client: client.ping())
    finally:
        keeper.resume()
    monkeypatch.undo()

    with late:
        assert ask(late.url, lambda client: client.info("server")["process_id"]) != killed.server


def test_a_second_process_joins_and_leaves_without_taking_the_server_down(owner, tmp_path):
    first = owner()

    with EmbeddedRedis(tmp_path / "redis") as joined:
        assert joined.url == first.url

    assert ask(first.url, lambda client: client.ping())


def test_many_processes_at_once_share_one_server(tmp_path):
    command = [sys.executable, "-c", OWNER, str(tmp_path / "redis")]
    many = [subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) for _ in range(4)]

    urls = {json.loads(process.stdout.readline())["url"] for process in many}

    assert len(urls) == 1
    assert len(_servers_in(tmp_path)) == 1
    for process in many:
        process.kill()
        process.wait()
        process.stdout.close()
    until(lambda: not _servers_in(tmp_path))


def test_ctrl_c_reaches_the_owner_only(owner):
    here = owner()

    groups = {os.getpgid(here.process.pid), os.getpgid(here.server)}

    assert len(groups) == 2


def test_a_path_too_long_for_a_socket_works_for_owner_and_joiner(tmp_path):
    folder = tmp_path / ("long" * 30) / "redis"

    with EmbeddedRedis(folder) as ours, EmbeddedRedis(folder) as joined:
        door = Path(ours.url.removeprefix("unix://"))

        assert ask(ours.url, lambda client: client.ping())
        assert joined.url == ours.url
        assert door.parent.stat().st_mode & 0o777 == 0o700
    assert not door.parent.exists()


def test_a_folder_with_odd_characters_makes_a_good_address(tmp_path):
    with EmbeddedRedis(tmp_path / "Ana's 50% #1?") as ours:
        assert ask(ours.url, lambda client: client.ping())


def test_what_a_crash_left_behind_does_not_stop_the_next_start(tmp_path):
    (tmp_path / "redis").mkdir(mode=0o755)
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(tmp_path / "redis" / "redis.sock"))

    with EmbeddedRedis(tmp_path / "redis") as ours:
        assert ask(ours.url, lambda client: client.ping())


def test_a_machine_without_redis_is_told_what_to_install(tmp_path):
    bare = [sys.executable, "-S", "-c", OWNER, str(tmp_path / "redis")]  # -S: nothing that pip installed

    done = subprocess.run(bare, check=False, cwd=REPO, env={"PATH": ""}, capture_output=True, text=True)

    assert "There is no Redis on this machine. Install one" in done.stderr
    assert "apt-get install redis-server" in done.stderr


def test_a_server_that_cannot_start_says_why(tmp_path):
    (tmp_path / "redis" / "appendonly.aof").mkdir(parents=True)
    (tmp_path / "redis" / "appendonlydir").touch()  # where newer servers keep the same file

    broken = EmbeddedRedis(tmp_path / "redis")

    with pytest.raises(Exception, match=r"Redis did not start in .*(?s:.)*append"):
        broken.start()


def _servers_in(folder: Path) -> list[psutil.Process]:
    return [each for each in psutil.process_iter(["name", "cwd"]) if _runs_in(each, folder)]


def _runs_in(process: psutil.Process, folder: Path) -> bool:
    return process.info["cwd"] == str(folder / "redis")
