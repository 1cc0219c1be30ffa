"""A copy of Redis or of its append-only file opens nothing that is sealed in it, and with our keys no link once it has
arrived."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from chaos.redis_server import RedisServer
from conftest import ANA, Phone
from flask.testing import FlaskClient
from thief import Word, opened, sealed_in, words_in, words_of

from bot import jobs as work
from bot.ports import Services
from bot.store.queue import DramatiqJobs
from bot.transcripts.app import RecordedJobs
from bot.wiring import System, outbox_path

GRACE = "+13605550102"
ANA_S_PIN = "4821"
RINGS = ("secret_keys", "link_pepper", "index_keys", "log_keys", "audit_keys")
KINDS = {"vt:s", "vt:d", "vt:l", "vt:m", "vt:a", "vt:probe"}
BY_SECRET_KEYS = {"vt:s", "vt:d", "vt:a", "vt:probe"}
STEPS = ("asked", "at work", "found", "arrived", "opened")


@dataclass
class Copies:
    """What Redis held at each step, and what its file held in the end."""

    at: dict[str, set[Word]] = field(default_factory=dict)
    file: set[Word] = field(default_factory=set)
    link: str = ""  # its token, which is in the message


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """Of our own: its file has been nobody else's."""
    return redis_server.url


@pytest.fixture
def more_settings() -> dict[str, object]:
    return {"twilio_delete": "inbound,outbound,media"}


@pytest.fixture
def copies(
    redis_server: RedisServer, system: System, client: FlaskClient, jobs: RecordedJobs, services: Services
) -> Copies:
    """Of a link and a picture message, from the first text to the open page."""
    copies = Copies()

    def copy(step: str) -> None:
        services.vitals.check()
        copies.at[step] = words_of(system.client)

    ana, grace = (Phone(client, outbox_path(system.settings), number) for number in (ANA, GRACE))
    ana.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "AGREE")
    grace.text("Hi", "1", "Grace", "Okafor", "7/19/1968", "1", "AGREE", "7391")
    copy("asked")
    ana.text(ANA_S_PIN, "1")
    grace.text("2")
    for key, work_id, _ in jobs.queued:
        DramatiqJobs(system.broker).enqueue(key, work_id)
    copy("at work")
    for job in jobs.queued:
        work.run(services, *job)
    copy("found")
    jobs.send()
    copies.link = str(ana.received()[0]["body"]).partition("/r/")[2].split()[0]
    copy("arrived")
    assert client.post(f"/r/{copies.link}", data={"pin": ANA_S_PIN}).status_code == 200
    copy("opened")
    copies.file = words_in(redis_server.append_only_file())
    return copies


def kinds(words: set[Word] | dict[Word, bytes]) -> set[str]:
    return {word.kind for word in words}


@pytest.fixture
def keys(system: System) -> Callable[..., tuple[str, ...]]:
    """The settings of these rings."""
    return lambda *rings: tuple(str(getattr(system.settings, ring)) for ring in rings)


def test_a_copy_opens_nothing_at_any_step(copies: Copies) -> None:
    assert {step: opened(held) for step, held in copies.at.items()} == {step: {} for step in STEPS}
    assert opened(copies.file) == {}


def test_everything_sealed_was_tried(copies: Copies) -> None:
    """Or the test above would show nothing."""
    assert set().union(*(kinds(sealed_in(held)) for held in copies.at.values())) == KINDS
    assert kinds(sealed_in(copies.file)) == KINDS
    assert {"vt:e", "vt:due", "vt:h", "vt:{limits}", "{dramatiq}:work"} <= kinds(copies.file)


def test_the_same_attempt_with_a_key_from_the_ring_opens_all_that_it_seals(
    copies: Copies, keys: Callable[..., tuple[str, ...]]
) -> None:
    for held in (*copies.at.values(), copies.file):
        theirs = {word for word in sealed_in(held) if word.kind in BY_SECRET_KEYS}

        assert {word for word in opened(held, *keys("secret_keys")) if word.kind in BY_SECRET_KEYS} == theirs


def test_the_same_attempt_with_pepper_link_and_pin_opens_the_link(
    copies: Copies, keys: Callable[..., tuple[str, ...]]
) -> None:
    held = copies.at["arrived"]
    (ours,) = (word for word in sealed_in(held) if word.kind == "vt:l")

    (plain,) = opened(held, *keys("link_pepper"), copies.link, ANA_S_PIN).values()

    assert b"Reyes" in plain
    for missing in ((*keys("link_pepper"), ANA_S_PIN), (*keys("link_pepper"), copies.link), (copies.link, ANA_S_PIN)):
        assert ours not in opened(held, *missing)


@pytest.mark.parametrize("step", ["arrived", "opened"])
def test_with_all_our_keys_a_copy_opens_no_link_and_no_picture_once_its_message_has_arrived(
    step: str, copies: Copies, keys: Callable[..., tuple[str, ...]]
) -> None:
    """Not even by who knows all PINs there are: hers stands for them."""
    held = copies.at[step]

    assert {"vt:l", "vt:m"} <= kinds(sealed_in(held))
    assert kinds(opened(held, *keys(*RINGS), ANA_S_PIN)) == BY_SECRET_KEYS


def test_with_all_our_keys_the_two_windows_that_we_own_up_to_are_open(
    copies: Copies, keys: Callable[..., tuple[str, ...]]
) -> None:
    """A message that has not arrived holds its link, and the append-only file holds what Redis has forgotten."""
    waiting = opened(copies.at["found"], *keys(*RINGS), ANA_S_PIN)
    older = opened(copies.file, *keys(*RINGS))

    assert {"vt:l", "vt:m"} <= kinds(waiting)
    assert {"vt:l", "vt:m"} <= kinds(older)
    assert "vt:l" not in kinds(opened(copies.at["found"], *keys(*RINGS)))  # her PIN is in no copy of then


def test_a_key_that_lay_in_redis_would_be_found(
    copies: Copies, system: System, keys: Callable[..., tuple[str, ...]]
) -> None:
    system.client.set("vt:planted", *keys("secret_keys"))

    assert kinds(opened(words_of(system.client))) == BY_SECRET_KEYS
