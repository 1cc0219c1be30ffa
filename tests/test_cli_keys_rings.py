"""`vaxtext keys` for the rings in settings: each step prints the line to set, and says when the next may come."""

import re
from pathlib import Path

import pytest
import redis
from click.testing import CliRunner, Result
from conftest import ANA
from rotating import process, ring
from structlog.testing import capture_logs
from test_config import PRODUCTION

from bot.audit.entry import Entry
from bot.cli import cli
from bot.cli.keys_rings import KINDS, LIFE
from bot.key_settings import RINGS, read_ring, texts
from bot.limits.table import DAY, Rule
from bot.ports import Ask
from bot.store.sealed_by import count
from bot.wiring import System

REPO = Path(__file__).parent.parent
SECRET = re.compile(r"[A-Za-z0-9+/]{43}=")


pytestmark = pytest.mark.usefixtures("nobodys_settings")


def count_lookup(system: System, cause: str) -> None:
    system.services.limits.take(cause, [Ask("lookups", (Rule(3, DAY),), (ANA,))], now=0.0)


@pytest.fixture
def more_settings() -> dict[str, object]:
    return {"flow": REPO / "flows" / "vaccine_record"}


def vaxtext(*arguments: str, say: str = "") -> Result:
    env = {"ENVIRONMENT": "production"}
    return CliRunner().invoke(cli, ["keys", *arguments], input=say, env=env, catch_exceptions=False)


def line(done: Result, name: str) -> str:
    """What it printed to be set, alone on standard output."""
    assert done.exit_code == 0, done.output
    (value,) = re.findall(rf"\A{name.upper()}=(\S+)\n\Z", done.stdout)
    assert not SECRET.search(done.stderr)
    return str(value)


@pytest.mark.parametrize("kind", KINDS)
def test_three_steps_lead_from_one_key_to_the_next(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = KINDS[kind]

    first = line(vaxtext("new", kind), name)
    monkeypatch.setenv(name.upper(), first)
    known = line(vaxtext("new", kind), name)
    monkeypatch.setenv(name.upper(), known)
    seals = line(vaxtext("rotate", kind), name)
    monkeypatch.setenv(name.upper(), seals)
    (old,) = read_ring(first).keys
    alone = line(vaxtext("retire", kind, old, "--leaked"), name)

    (new,) = texts(known).keys() - {old}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", old)
    assert [list(read_ring(text).keys) for text in (first, known, seals, alone)] == [
        [old],
        [old, new],
        [new, old],
        [new],
    ]
    assert texts(known) == texts(seals)


def test_each_step_says_what_comes_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINK_PEPPER", ring("link_pepper", "a"))

    known = vaxtext("new", "links")
    monkeypatch.setenv("LINK_PEPPER", line(known, "link_pepper"))
    seals = vaxtext("rotate", "links")

    assert "seals nothing yet: the others must know it first." in known.stderr
    assert "When none runs without it: vaxtext keys rotate links" in known.stderr
    assert "25 hours after the last of them: vaxtext keys retire links a" in seals.stderr


def test_a_ring_with_one_key_has_none_to_rotate_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INDEX_KEYS", ring("index_keys", "a"))

    done = vaxtext("rotate", "index")

    assert (done.exit_code, done.stdout) == (1, "")
    assert "INDEX_KEYS holds no key that waits. Make it first: vaxtext keys new index" in done.stderr


def test_a_rotation_that_was_done_is_not_done_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = texts(ring("secret_keys", "ab"))
    monkeypatch.setenv("SECRET_KEYS", f"2026-11-25b:{keys['b']},2026-11-25:{keys['a']}")

    done = vaxtext("rotate", "sessions")

    assert (done.exit_code, done.stdout) == (1, "")
    assert "this was done. Next: vaxtext keys retire sessions 2026-11-25" in done.stderr


@pytest.mark.parametrize(
    ("key_id", "why"), [("b", "b seals. Let another: vaxtext keys rotate"), ("x", "no key x; it holds: b, a")]
)
def test_only_a_key_that_seals_no_more_is_retired(key_id: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEYS", ring("secret_keys", "ba"))

    done = vaxtext("retire", "sessions", key_id)

    assert (done.exit_code, done.stdout) == (1, "")
    assert why in done.stderr


def test_a_key_in_a_file_is_printed_as_the_content_of_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pepper"
    file.touch(0o600)
    file.write_text(ring("link_pepper", "a"))
    monkeypatch.setenv("LINK_PEPPER_FILE", str(file))

    done = vaxtext("new", "links")

    assert next(iter(read_ring(done.stdout).keys)) == "a"
    assert f"This is the new content of {file}." in done.stderr


@pytest.mark.parametrize("kind", ["sessions", "links", "index"])
def test_a_key_is_not_retired_while_redis_needs_it(kind: str, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    name = KINDS[kind]
    monkeypatch.setenv("REDIS_URL", system.settings.redis_url)
    monkeypatch.setenv(name.upper(), ring(name, "ba"))
    with process(system, "a") as old:
        old.phone.text("Hi")
        old.system.services.links.seal(b"record", "4821", language="en")

    refused = vaxtext("retire", kind, "a")
    leaked = vaxtext("retire", kind, "a", "--leaked")

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert re.search(rf"[12] values in Redis still need a; {LIFE[kind]} after 'rotate' none do.", refused.stderr)
    assert line(leaked, name) == ring(name, "b")
    system.client.flushall()
    assert line(vaxtext("retire", kind, "a"), name) == ring(name, "b")


def test_a_key_of_which_nobody_knows_whether_it_is_needed_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REDIS_URL", f"unix://{tmp_path}/nowhere.sock")
    monkeypatch.setenv("SECRET_KEYS", ring("secret_keys", "ba"))

    done = vaxtext("retire", "sessions", "a")

    assert (done.exit_code, done.stdout) == (1, "")
    assert "Redis cannot be asked whether a is still used." in done.stderr


def test_what_each_key_seals_is_counted_and_moves_on_with_its_sessions(system: System) -> None:
    with process(system, "ab") as old, process(system, "ba") as new:
        old.phone.text("Hi")
        old.phone.text("Hi", From="+13605550199")
        old.system.services.links.seal(b"record", "4821", language="en")
        old.system.services.media.mint(b"picture", "png")
        count_lookup(old.system, "work1")
        before = {name: dict(found) for name, found in count(system.client).items()}
        new.phone.text("1")
        count_lookup(new.system, "work2")
        after = count(system.client)

    assert before == {"secret_keys": {"a": 2}, "link_pepper": {"a": 2}, "index_keys": {"a": 5}}
    assert dict(after["secret_keys"]) == {"a": 1, "b": 1}
    assert dict(after["index_keys"]) == {"a": 2, "b": 3}


def test_what_waits_for_the_audit_trail_is_counted_and_keeps_its_key(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    with process(system, "a") as old:
        audit = old.system.services.audit
        for n in range(3):
            system.client.xadd("vt:a", {"e": audit.sealed(Entry(f"e{n}", "2026-01-01", "outcome", "k"))})

    assert count(system.client)["secret_keys"] == {"a": 3}
    monkeypatch.setenv("REDIS_URL", system.settings.redis_url)
    monkeypatch.setenv("SECRET_KEYS", ring("secret_keys", "ba"))
    refused = vaxtext("retire", "sessions", "a")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert " 3 " in refused.stderr


def test_list_says_of_every_secret_where_it_is_and_of_every_key_what_it_seals_and_never_what_it_is(
    system: System, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with process(system, "a") as old:
        old.phone.text("Hi")
    for name, value in {**PRODUCTION, "redis_url": system.settings.redis_url}.items():
        monkeypatch.setenv(name.upper(), value)
    for name in RINGS:
        monkeypatch.setenv(name.upper(), ring(name, "ba"))
    file = tmp_path / "sealing"
    file.touch(0o600)
    keys = texts(ring("secret_keys", "abc"))
    file.write_text(f"2026-05-01:{keys['a']},old:{keys['b']},2026-11-25:{keys['c']}")
    monkeypatch.delenv("SECRET_KEYS")
    monkeypatch.setenv("SECRET_KEYS_FILE", str(file))

    shown = vaxtext("list")

    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert f"sessions: SECRET_KEYS, in the file {file}: sessions and messages" in lines
    assert "  2026-05-01        seals, made 2026-05-01; 0 values in Redis" in lines
    assert "  old               only opens; 0 values in Redis. vaxtext keys retire sessions old" in lines
    assert (
        "  2026-11-25        next: only opens, made 2026-11-25; 0 values in Redis. "
        "When all processes know it: vaxtext keys rotate sessions" in lines
    )
    assert "  a                 MISSING; 1 values in Redis that nobody can open" in lines
    assert "  a                 only opens; 2 values in Redis" in lines  # her session and her count of texts
    assert "TWILIO_AUTH_TOKEN, in the environment or .env: what Twilio and we know each other by; 2 at a time" in lines
    assert all(any(at.startswith(name) for at in lines) for name in ("REDIS_URL", "IIS_URL", "SMTP_URL"))
    assert not SECRET.search(shown.output)
    assert not any(word in shown.output for word in ("password-41", "a-token-of-twilio"))


def test_list_goes_on_without_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEYS", ring("secret_keys", "ba"))

    assert vaxtext("list").stdout.endswith("Redis cannot be asked now, so nobody knows what each key still seals.\n")


def test_the_help_line_finds_the_lines_of_a_phone_that_day(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    with capture_logs() as logs, process(system, "ab") as one:
        one.phone.text("Hi")
        one.phone.text("Hi", From="+13605550199")
        day = f"{one.system.services.now():.0f}"
    mine, theirs = (line["who"] for line in logs if line["event"] == "text")
    monkeypatch.setenv("LOG_KEYS", ring("log_keys", "ba"))

    today = vaxtext("who", "--day", "2026-11-18", say=f"{ANA}\n").stdout
    tomorrow = vaxtext("who", "--day", "2026-11-19", say=f"{ANA}\n").stdout

    assert day.startswith("1795000000")
    assert re.fullmatch(r"a\.[0-9a-f]{10}", mine)
    assert mine in today.split()
    assert not {mine, theirs} & set(tomorrow.split())
    assert ANA not in today


def test_without_log_keys_no_line_says_whose_it_is(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    assert system.services.who(ANA, 0.0) == ""

    done = vaxtext("who")

    assert done.exit_code == 1
    assert "LOG_KEYS is not set" in done.stderr


def test_a_redis_that_holds_other_things_too_is_counted(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        client.set("vt:funnel", "1")
        client.hset("vt:l:other", "field", "1")
        client.sadd("somebody", "else")

        assert not any(found.total() for found in count(client).values())
