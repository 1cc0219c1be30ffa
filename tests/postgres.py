"""A real PostgreSQL for tests: a server of its own that is thrown away, and an empty database for each test."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import pytest
from fakes.until import until

from bot import keeper

MISSING = "there is no PostgreSQL: apt-get install postgresql"
OPTIONS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "listen_addresses": "127.0.0.1"}
DEBIAN = "/usr/lib/postgresql"  # keeps all but psql out of PATH


def find_programs() -> Path | None:
    """The folder of `initdb` and `postgres`, the newest on Debian."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    by_version = sorted(Path(DEBIAN).glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return by_version[-1].parent if by_version else None


@dataclass
class Postgres:
    """A server with one user, "vaxtext", who may do everything."""

    programs: Path
    folder: Path
    password: str = field(default_factory=lambda: secrets.token_hex(8))
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self.password)
        data = self.folder / "data"
        if os.geteuid() == 0:
            shutil.chown(self.folder, _nobody())
            shutil.chown(secret, _nobody())
        initdb = [self.programs / "initdb", "-D", data, "-U", "vaxtext", "--pwfile", secret]
        subprocess.run(
            _as_nobody([*initdb, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "-N"]),
            check=True,
            capture_output=True,
            cwd=self.folder,
        )
        self.port = _free_port()
        self.start_again()

    def start_again(self) -> None:
        """After `kill`: on the same port, with all that was committed."""
        options = [f"--{name}={value}" for name, value in OPTIONS.items()]
        command = [
            self.programs / "postgres",
            "-D",
            self.folder / "data",
            "-k",
            self.folder,
            "-p",
            str(self.port),
            *options,
        ]
        with (self.folder / "log").open("wb") as log:
            self.process = keeper.start(_as_nobody(command), env={"LC_ALL": "C"}, output=log)
        until(self._answers, seconds=60)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()
        shutil.rmtree(self.folder)

    def kill(self) -> None:
        """By -9, all of its processes."""
        assert self.process
        self.ask("CHECKPOINT")  # with our options a commit stays in memory for a moment
        psutil.wait_procs(self._signal_all(signal.SIGKILL))
        self.process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Its sockets stay open and take everything, and nobody answers."""
        self._signal_all(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal_all(signal.SIGCONT)

    @contextmanager
    def tls(self, certificate: Path, key: Path) -> Iterator[None]:
        """It takes connections with TLS, too, and shows this certificate."""
        for file, name in ((certificate, "server.crt"), (key, "server.key")):
            place = self.folder / "data" / name
            place.write_bytes(file.read_bytes())
            place.chmod(0o600)
            if os.geteuid() == 0:
                shutil.chown(place, _nobody())
        self._set("SET ssl = on")
        until(self._has_tls)
        try:
            yield
        finally:
            self._set("RESET ssl")
            until(lambda: not self._has_tls())

    def _set(self, change: str) -> None:
        self.ask(f"ALTER SYSTEM {change}")
        self.ask("SELECT pg_reload_conf()")

    def _has_tls(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port)) as door:
            door.sendall(bytes.fromhex("0000000804d2162f"))  # SSLRequest
            return door.recv(1) == b"S"

    def url(self, database: str, *, user: str = "vaxtext", password: str = "") -> str:
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def ask(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _signal_all(self, number: signal.Signals) -> list[psutil.Process]:
        assert self.process
        (first,) = psutil.Process(self.process.pid).children()
        first.suspend()  # it starts all others: none is to come while we look
        processes = [first, *first.children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):  # a connection's own, which ended just now
                process.send_signal(number)
        return processes

    def _answers(self) -> bool:
        assert self.process
        assert self.process.poll() is None, (self.folder / "log").read_text()
        try:
            self.ask("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Without PostgreSQL the tests are skipped, or fail where VAXTEXT_REQUIRE_POSTGRES=1 says that it must be there."""
    programs = find_programs()
    if programs is None and os.environ.get("VAXTEXT_REQUIRE_POSTGRES") == "1":
        pytest.fail(f"VAXTEXT_REQUIRE_POSTGRES=1, but {MISSING}")
    if programs is None:
        pytest.skip(MISSING)
    server = Postgres(programs, Path(tempfile.mkdtemp(prefix="vaxtext-")))  # pytest's folders are closed to others
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """An empty database."""
    name = f"test_{secrets.token_hex(4)}"
    postgres.ask(f"CREATE DATABASE {name}")
    yield postgres.url(name)
    postgres.ask(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def replica_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a copy of the registry that is not there yet, or empty: a file, and a database."""
    return f"sqlite:///{tmp_path}/iis.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


def _as_nobody(command: list[object]) -> list[str]:
    """PostgreSQL refuses to run as root."""
    words = [str(word) for word in command]
    if os.geteuid() != 0:
        return words
    user = pwd.getpwnam(_nobody())
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *words]


def _nobody() -> str:
    users = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in users else "nobody"


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
