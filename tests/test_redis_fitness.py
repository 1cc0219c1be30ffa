"""Production looks at its Redis before it starts: one that evicts or forgets is refused, by web and worker."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from chaos.redis_server import RedisServer
from structlog.testing import capture_logs
from test_config import PRODUCTION

from bot.cards.keys.folder import new_key
from bot.config import SettingsWrong, read_settings
from bot.store.connect import connect
from bot.store.fitness import Seen, look_at
from bot.wiring import build_system

pytestmark = pytest.mark.usefixtures("nobodys_settings")

REPO = Path(__file__).parent.parent
EVICTS = "REDIS_URL: this Redis evicts values when its memory is full (maxmemory-policy allkeys-lru)"
FORGETS = "REDIS_URL: this Redis writes nothing to disk (appendonly no, and no save)"
COMMANDS = pytest.mark.parametrize(
    "command",
    [["-m", "gunicorn", "--bind", "127.0.0.1:0", "app:app"], ["-m", "bot.cli", "worker"]],
    ids=["web", "worker"],
)


@pytest.fixture
def given(tmp_path: Path) -> dict[str, object]:
    """What production needs besides a Redis."""
    new_key(tmp_path / "card_keys")
    return {**PRODUCTION, "flow": REPO / "flows" / "vaccine_record", "data_dir": tmp_path}


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    options = {"maxmemory-policy": "allkeys-lru", "appendonly": "no"}
    with RedisServer(tmp_path_factory.mktemp("bad"), options) as server:
        yield server.url


def start(given: dict[str, object], url: str) -> list[dict[str, object]]:
    with capture_logs() as logs:
        build_system(read_settings({**given, "redis_url": url})).close()
    return [dict(line) for line in logs if line["event"] == "redis_unchecked"]


@COMMANDS
def test_web_and_worker_refuse_a_redis_that_evicts_and_forgets(
    command: list[str], given: dict[str, object], bad: str
) -> None:
    env = {**os.environ, **{name.upper(): str(value) for name, value in given.items()}, "REDIS_URL": bad}

    done = subprocess.run(
        [sys.executable, *command], cwd=REPO, env=env, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode != 0
    assert EVICTS in done.stderr
    assert FORGETS in done.stderr
    assert "Traceback" not in done.stderr


@COMMANDS
def test_web_and_worker_refuse_debugging_and_examples(command: list[str], given: dict[str, object]) -> None:
    wrong = {"FLASK_DEBUG": "1", "PUBLIC_URL": "https://records.example.gov", "FUNNEL_PASSWORD": "1111111111111111"}
    env = {**os.environ, **{name.upper(): str(value) for name, value in given.items()}, **wrong}

    done = subprocess.run(
        [sys.executable, *command], cwd=REPO, env=env, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode != 0
    assert all(f"\n{name}: " in done.stderr for name in wrong)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "options",
    [{}, {"appendonly": "no", "save": "3600 1"}],
    ids=["an append-only file", "snapshots"],
)
def test_a_redis_that_evicts_nothing_and_writes_to_disk_is_taken(
    options: dict[str, str], given: dict[str, object], tmp_path: Path
) -> None:
    with RedisServer(tmp_path / "redis", options) as server:
        assert start(given, server.url) == []


def test_where_config_is_forbidden_what_info_says_is_enough(given: dict[str, object], tmp_path: Path, bad: str) -> None:
    with RedisServer(tmp_path / "redis") as server:
        allow_all_but(server.url, "-config")
        assert start(given, as_user(server.url)) == []
    allow_all_but(bad, "-config")
    with pytest.raises(SettingsWrong, match="allkeys-lru"):
        start(given, as_user(bad))


def test_what_a_redis_does_not_tell_is_logged(given: dict[str, object], tmp_path: Path) -> None:
    with RedisServer(tmp_path / "redis", {"appendonly": "no", "save": "3600 1"}) as server:
        allow_all_but(server.url, "-config")
        (unknown_disk,) = start(given, as_user(server.url))
        allow_all_but(server.url, "-config", "-info")
        (nothing_known,) = start(given, as_user(server.url))

    assert unknown_disk["what"] == ["appendonly"]
    assert nothing_known["what"] == ["redis_version", "maxmemory-policy", "appendonly"]


def test_where_info_is_forbidden_config_is_asked(bad: str) -> None:
    allow_all_but(bad, "-info")
    with connect(as_user(bad)) as client:
        assert look_at(client) == Seen(version=None, policy="allkeys-lru", appends=False, saves=False)


def test_a_redis_that_is_away_keeps_nobody_from_starting(given: dict[str, object], tmp_path: Path) -> None:
    (line,) = start(given, f"unix://{tmp_path}/nowhere.sock")

    assert (line["what"], line["reason"]) == ([], "ConnectionError")


@pytest.mark.parametrize(("version", "old"), [("5.0.14", True), ("6.0.16", True), ("6.2.0", False), ("10.0.1", False)])
def test_a_version_before_6_2_is_refused(version: str, old: bool) -> None:
    said = list(Seen(version=version, policy="noeviction", appends=True).wrong())

    assert said == ([f"this Redis is {version}; write one of 6.2 or newer"] if old else [])


def allow_all_but(url: str, *commands: str) -> None:
    with redis.Redis.from_url(url) as client:
        client.execute_command("ACL", "SETUSER", "managed", "reset", "on", ">not-for-all-1", "~*", "+@all", *commands)


def as_user(url: str) -> str:
    return url.replace("redis://", "redis://managed:not-for-all-1@")
