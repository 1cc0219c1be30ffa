"""A Redis with its append-only file, as the embedded one and `.env.example` have it, that can be killed."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import redis
from fakes.smtp import free_port
from fakes.until import until

from bot.store.embedded import find_server

OPTIONS = {
    "save": "",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "maxmemory-policy": "noeviction",
    "bind": "127.0.0.1",
}


@dataclass
class RedisServer:
    """`with RedisServer(folder) as server:` answers at `server.url`, and anew after `kill()` and `start()`."""

    folder: Path
    options: Mapping[str, str] = field(default_factory=dict)  # over OPTIONS

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """It has read its file when this returns."""
        options = {**OPTIONS, **self.options, "port": str(self.port), "dir": str(self.folder)}
        command = [
            find_server(),
            *(word for name, value in options.items() for word in (f"--{name}", *(value.split() or [""]))),
        ]
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(command, env={**os.environ, "LC_ALL": "C"}, stdout=log, stderr=log)
        until(self._answers, 30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def append_only_file(self) -> Path:
        """With all that was said until now: while the disk is busy, Redis answers first and writes up to 2 s later."""
        with redis.Redis.from_url(self.url) as client:
            until(lambda: client.info("persistence")["aof_buffer_length"] == 0)
        (file,) = (file for file in self.folder.rglob("*.aof") if file.read_bytes().startswith(b"*"))
        return file

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.RedisError:  # also while it reads its file
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
