"""All processes of ours, watched as a platform watches them: what is killed is started again."""

import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis
from fakes.smtp import FakeSmtp, free_port
from running import Running

from chaos.carrier import BadTwilio, MovedClock
from chaos.redis_server import RedisServer

WORK = ("vt:w:*", "{dramatiq}:*.msgs")
MESSAGES = "vt:due"
TICK = 0.05


@dataclass
class World:
    """Two web processes behind one address and a worker, with the Redis and the carriers around them."""

    running: Running
    redis: RedisServer
    twilio: BadTwilio
    smtp: FakeSmtp
    clock: MovedClock
    webs: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)  # by port
    doors: list[int] = field(default_factory=list)  # the ports that take texts now
    worker: subprocess.Popen[bytes] | None = None
    faults: list[str] = field(default_factory=list)  # one for each worker from the next one on
    deaths: int = 0  # of workers
    over: threading.Event = field(default_factory=threading.Event)

    def start_web(self, port: int, fault: str = "") -> None:
        self.webs[port] = self.running.start_web(port, fault)
        self.doors.append(port)
        self.twilio.doors.append(f"http://127.0.0.1:{port}")

    def stop_web(self, port: int) -> int:
        """As a platform does it: no new texts, SIGTERM, and its status when it is gone."""
        self.doors.remove(port)
        self.twilio.doors.remove(f"http://127.0.0.1:{port}")
        web = self.webs.pop(port)
        web.terminate()
        return web.wait(20)

    def start_worker(self) -> None:
        """Not waited for: it may be killed before it says that it is ready."""
        fault = self.faults.pop(0) if self.faults else ""
        self.worker = self.running.start("bot.cli", "worker", fault=fault)

    def kill_worker(self) -> None:
        assert self.worker
        self.worker.kill()

    def watch(self) -> None:
        """Until over: a worker that was killed is followed by the next."""
        while not self.over.wait(TICK):
            if self.worker and self.worker.poll() == -signal.SIGKILL:
                self.deaths += 1
                self.start_worker()

    def kills(self) -> Counter[str]:
        """How often each point was reached by its fault."""
        return Counter(str(line["point"]) for line in self.running.events() if line["event"] == "fault_made")

    def is_idle(self) -> bool:
        """Whether nothing is left to do: no work, no message on its way."""
        return not self.left()

    def is_worked_off(self) -> bool:
        """Whether no work is left in the queue."""
        return not self.left(WORK)

    def left(self, patterns: tuple[str, ...] = (*WORK, MESSAGES)) -> list[str]:
        """The keys of what is still to be done."""
        try:
            with redis.Redis.from_url(self.redis.url) as client:
                return sorted(key.decode() for pattern in patterns for key in client.keys(pattern))
        except redis.ConnectionError:
            return ["whatever is in Redis, which does not answer"]


@contextmanager
def world(folder: Path, iis_url: str, settings: Mapping[str, str] | None = None) -> Iterator[World]:
    """Redis and carriers; web and worker are still to be started. All is gone when the block ends."""
    clock = MovedClock(folder / "ahead")
    with RedisServer(folder / "redis") as server, BadTwilio(clock) as twilio, FakeSmtp() as smtp:
        env = {"VAXTEXT_CLOCK": str(clock.file), "IIS_URL": iis_url, **(settings or {})}
        running = Running(folder, twilio, smtp, redis_url=server.url, settings=env)
        whole = World(running, server, twilio, smtp, clock)
        watcher = threading.Thread(target=whole.watch)
        watcher.start()
        try:
            yield whole
        finally:
            whole.over.set()
            watcher.join()
            twilio.release()
            running.stop()


def ports(world: World) -> tuple[int, int]:
    return world.running.port, free_port()
